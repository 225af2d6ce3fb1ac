package import NIOCore

/// The body of a packet as it goes on the wire, and the flags that say so (PROTOCOL.md sections 1 and 3).
package struct SealedBody: Equatable, Sendable {
    /// What follows the packet's header.
    package let bytes: ByteBuffer
    /// The CRYPTO flag: encrypted with the cipher that is current.
    package let isEncrypted: Bool
    /// The COMPRESS flag: a zlib stream, before it was encrypted.
    package let isCompressed: Bool

    /// A body with the flags that came or go with it.
    package init(bytes: ByteBuffer, isEncrypted: Bool, isCompressed: Bool) {
        self.bytes = bytes
        self.isEncrypted = isEncrypted
        self.isCompressed = isCompressed
    }

    /// Compresses `plain` if it is longer than `threshold` bytes (nil: never) and grows shorter by it, then encrypts it
    /// if there is a `cipher`. An empty body is neither compressed nor encrypted.
    package init(
        sealing plain: ByteBuffer, with cipher: (any BodyEncrypting)?, compressOver threshold: Int?
    ) throws(CipherError) {
        guard plain.readableBytes > 0 else {
            self.init(bytes: plain, isEncrypted: false, isCompressed: false)
            return
        }
        let compressed = try Self.compressed(plain, over: threshold)
        let body = compressed ?? plain
        self.init(
            bytes: try cipher?.encrypt(body) ?? body, isEncrypted: cipher != nil, isCompressed: compressed != nil)
    }

    /// The body as its sender wrote it: decrypted with `cipher` and inflated to at most `maximumInflated` bytes, each
    /// where its flag says so. An empty body is empty whatever its flags, as the peers see it.
    /// - Throws: `noCipher` where it is encrypted and `cipher` is nil, and what decrypting and inflating throw.
    package func opened(
        with cipher: (any BodyDecrypting)?, maximumInflated: Int
    ) throws(CipherError) -> ByteBuffer {
        guard bytes.readableBytes > 0 else { return bytes }
        let body = isEncrypted ? try Self.decrypted(bytes, with: cipher) : bytes
        return isCompressed ? try Zlib.inflate(body, maximum: maximumInflated) : body
    }

    private static func compressed(_ plain: ByteBuffer, over threshold: Int?) throws(CipherError) -> ByteBuffer? {
        guard let threshold, plain.readableBytes > threshold else { return nil }
        let compressed = try Zlib.deflate(plain)
        return compressed.readableBytes < plain.readableBytes ? compressed : nil
    }

    private static func decrypted(
        _ sealed: ByteBuffer, with cipher: (any BodyDecrypting)?
    ) throws(CipherError) -> ByteBuffer {
        guard let cipher else { throw .noCipher }
        return try cipher.decrypt(sealed)
    }
}

/// What encrypts the body of a packet: the server's RSA key for the handshake, AES from then on.
package protocol BodyEncrypting {
    /// The ciphertext of `plain`.
    func encrypt(_ plain: ByteBuffer) throws(CipherError) -> ByteBuffer
}

extension AESCipher: BodyEncrypting {}
extension RSAPublicKey: BodyEncrypting {}

/// What decrypts the body of a packet: AES, and in a server the RSA key for the handshake.
package protocol BodyDecrypting {
    /// The plain text of `sealed`.
    func decrypt(_ sealed: ByteBuffer) throws(CipherError) -> ByteBuffer
}

extension AESCipher: BodyDecrypting {}
extension RSAPrivateKey: BodyDecrypting {}
