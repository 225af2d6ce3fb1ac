import MPushCipher
import NIOCore

/// The fuzzer's input for keys: the bytes of the file that `public_key` names.
package enum KeyFileText {
    /// What became of an input.
    package struct Summary {
        /// It is a public key that can be used.
        package var isPublicKey = false
        /// It is a private key that a simulated server could use.
        package var isPrivateKey = false
    }

    /// Bytes of a long HANDSHAKE: several blocks of a short key.
    private static let handshakeSize = 400

    /// Reads `input` as the text of a key.
    ///
    /// - Throws: What came of it that must never come of anything.
    @discardableResult
    package static func run(_ input: [UInt8]) throws(InvariantViolation) -> Summary {
        var summary = Summary()
        switch Result(catching: { () throws(CipherError) in try RSAPublicKey(input) }) {
        case .success(let key):
            summary.isPublicKey = true
            try use(key)
        case .failure(let error):
            try check(error)
        }
        let text = String(decoding: input, as: UTF8.self)
        switch Result(catching: { () throws(CipherError) in try RSAPrivateKey(pem: text) }) {
        case .success: summary.isPrivateKey = true
        case .failure(let error): try check(error)
        }
        return summary
    }

    /// A key that is taken is good for a handshake, and is the same key in the form that is handed on.
    private static func use(_ key: RSAPublicKey) throws(InvariantViolation) {
        try require((1024...4096).contains(key.bits) && key.bits.isMultiple(of: 8), "a key of \(key.bits) bits")
        let blockSize = key.bits / 8
        let blocks = (handshakeSize + blockSize - 12) / (blockSize - 11)
        let sealed = try? key.encrypt(ByteBuffer(repeating: 0x41, count: handshakeSize))
        try require(sealed?.readableBytes == blocks * blockSize, "a handshake of \(sealed?.readableBytes ?? -1) bytes")
        try require((try? RSAPublicKey(key.base64)) == key, "\(key.base64) is read as another key")
    }

    /// A key that is refused is refused for what it is, in one line of a bounded length that is fit for a terminal.
    private static func check(_ error: CipherError) throws(InvariantViolation) {
        try require(["malformed-key", "wrong-rsa-key-size"].contains(error.code), "a key is refused by: \(error)")
        let text = error.description
        try require(!text.isEmpty && text.utf8.count <= 512, "a refusal in \(text.utf8.count) bytes")
        let isPrintable = text.utf8.allSatisfy { (0x20...0x7E).contains($0) }
        try require(isPrintable, "characters that disturb a terminal in \(text.debugDescription)")
    }
}
