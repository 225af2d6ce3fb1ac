package import NIOCore

/// What encrypts the body of a packet: the server's RSA key for the handshake, AES from then on.
package protocol BodyEncrypting {
    /// The ciphertext of `plain`.
    func encrypt(_ plain: ByteBuffer) throws(CipherError) -> ByteBuffer
}

extension AESCipher: BodyEncrypting {}
extension RSAPublicKey: BodyEncrypting {}
