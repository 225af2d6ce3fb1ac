package import NIOCore

/// What decrypts the body of a packet: AES, and in a server the RSA key for the handshake.
package protocol BodyDecrypting {
    /// The plain text of `sealed`.
    func decrypt(_ sealed: ByteBuffer) throws(CipherError) -> ByteBuffer
}

extension AESCipher: BodyDecrypting {}
extension RSAPrivateKey: BodyDecrypting {}
