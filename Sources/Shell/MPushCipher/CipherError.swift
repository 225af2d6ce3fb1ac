/// Why something could not be encrypted, decrypted, inflated or read as a key. No case carries key material or plain
/// text.
package enum CipherError: Error, Equatable, Sendable {
    /// What was given as a key is not one, or is one of another kind. `detail` says what it is and what is wanted.
    case malformedKey(detail: String)
    /// An RSA key of a size that MPush's peers cannot use: not 1024 to 4096 bits, or not whole bytes.
    case wrongRSAKeySize(bits: Int)
    /// An AES key that is not 16 bytes long.
    case wrongAESKeySize(bytes: Int)
    /// An AES initialisation vector that is not 16 bytes long.
    case wrongAESVectorSize(bytes: Int)
    /// What was to be decrypted is damaged, or was encrypted with another key.
    case decryptionFailed(detail: String)
    /// The body is marked as encrypted, but no cipher is agreed on.
    case noCipher
    /// Not one whole zlib stream (RFC 1950).
    case badCompressedData(detail: String)
    /// The zlib stream holds more than `maximum` bytes.
    case inflatedTooLarge(maximum: Int)
    /// More than OpenSSL and zlib take in one piece.
    case inputTooLarge(bytes: Int, maximum: Int)
    /// OpenSSL failed where it should not: no memory, no randomness, or our misuse. `detail` is in its own words.
    case openSSL(operation: String, detail: String)
    /// zlib failed where it should not. `detail` is in its own words.
    case zlib(operation: String, detail: String)

    /// A stable word for fields, metrics and scripts: `malformed-key`, `decryption-failed` ...
    package var code: String {
        switch self {
        case .malformedKey: "malformed-key"
        case .wrongRSAKeySize: "wrong-rsa-key-size"
        case .wrongAESKeySize: "wrong-aes-key-size"
        case .wrongAESVectorSize: "wrong-aes-vector-size"
        case .decryptionFailed: "decryption-failed"
        case .noCipher: "no-cipher"
        case .badCompressedData: "bad-compressed-data"
        case .inflatedTooLarge: "inflated-too-large"
        case .inputTooLarge: "input-too-large"
        case .openSSL: "openssl"
        case .zlib: "zlib"
        }
    }
}

extension CipherError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .malformedKey(let detail): detail
        case .wrongRSAKeySize(let bits) where bits.isMultiple(of: 8) || !RSABlock.keyBits.contains(bits):
            "the RSA key has \(bits) bits; it must have "
                + "\(RSABlock.keyBits.lowerBound) to \(RSABlock.keyBits.upperBound)"
        case .wrongRSAKeySize(let bits):
            "the RSA key has \(bits) bits, which are not whole bytes; no MPush server could decrypt what is "
                + "encrypted with it. Take a key of \(RSAPublicKey.leastSafeBits) bits"
        case .wrongAESKeySize(let bytes): "the AES key is \(bytes) bytes long, not 16"
        case .wrongAESVectorSize(let bytes): "the AES initialisation vector is \(bytes) bytes long, not 16"
        case .decryptionFailed(let detail): "cannot decrypt: \(detail)"
        case .noCipher: "the body is encrypted, but no cipher is agreed on"
        case .badCompressedData(let detail): "cannot inflate: \(detail)"
        case .inflatedTooLarge(let maximum): "inflates to more than \(maximum) bytes"
        case .inputTooLarge(let bytes, let maximum): "\(bytes) bytes are too many: at most \(maximum) in one piece"
        case .openSSL(let operation, let detail): "OpenSSL: \(operation): \(detail)"
        case .zlib(let operation, let detail): "zlib: \(operation): \(detail)"
        }
    }
}
