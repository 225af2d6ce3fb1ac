/// The SHA-256 of a key's DER, by which people compare keys.
package struct Fingerprint: Hashable, Sendable, CustomStringConvertible {
    /// The 32 bytes of the hash.
    package let bytes: [UInt8]

    init(of der: [UInt8]) throws(CipherError) {
        bytes = try SHA256.hash(der)
    }

    /// 64 lower-case hexadecimal digits.
    package var description: String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
