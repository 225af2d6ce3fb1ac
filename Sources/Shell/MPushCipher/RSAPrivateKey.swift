import COpenSSL
package import NIOCore

/// A server's key pair, for the simulated server.
package struct RSAPrivateKey: Sendable {
    private let key: PKey
    /// The half that clients are given.
    package let publicKey: RSAPublicKey

    /// - Throws: `malformedKey` or `wrongRSAKeySize` where `key` is none that MPush's peers can use.
    init(_ key: PKey) throws(CipherError) {
        self.key = key
        publicKey = try RSAPublicKey(key)
    }

    /// A new key pair of so many bits; those of stock MPush where nothing else is said.
    /// - Throws: `wrongRSAKeySize` for what `RSAPublicKey.bits` cannot be.
    package static func generate(bits: Int = 1024) throws(CipherError) -> RSAPrivateKey {
        _ = try RSABlock(keyBits: bits)
        OpenSSL.clearErrors()
        let key = try OpenSSL.made(copenssl_RSA_generate(UInt32(clamping: bits)), by: "EVP_RSA_gen")
        return try RSAPrivateKey(PKey(owning: key))
    }

    /// The public half as MPush's configuration writes it: base64 without PEM lines.
    package var publicKeyBase64: String { publicKey.base64 }

    /// The plain text of `sealed`, which is decrypted in blocks as long as the modulus; nothing for nothing.
    ///
    /// - Throws: `decryptionFailed` where `sealed` is not a whole number of blocks, or a block's padding is not right.
    ///   The latter is not to be relied on: an OpenSSL with implicit rejection (3.2, and older ones as distributions
    ///   patch them; see EVP_PKEY_CTX_set_rsa_padding(3)) gives random bytes for it instead, so that nobody can use the
    ///   server as an oracle. What comes out must be parsed as what a stranger sent.
    package func decrypt(_ sealed: ByteBuffer) throws(CipherError) -> ByteBuffer {
        let count = sealed.readableBytes
        let block = publicKey.block
        guard count.isMultiple(of: block.sealedSize) else {
            throw .decryptionFailed(
                detail: "\(count) bytes are not a whole number of \(block.sealedSize)-byte blocks")
        }
        let operation = try RSAOperation(.decrypt, with: key)
        return try block.transform(sealed, blocksOf: block.sealedSize, with: operation)
    }
}
