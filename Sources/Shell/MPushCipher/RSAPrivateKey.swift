import COpenSSL
package import MPushModel
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

extension RSAPrivateKey {
    /// Reads a private key without a passphrase, PKCS#8 or PKCS#1, as PEM or as its base64 alone.
    /// - Throws: `malformedKey` or `wrongRSAKeySize`.
    package init(pem text: String) throws(CipherError) {
        guard let key = try KeyText(SecretBytes(text.utf8.prefix(KeyText.maximumLength + 1))).privateKey() else {
            throw .malformedKey(detail: "this is not a private key without a passphrase, in PEM or base64")
        }
        try self.init(key)
    }

    /// The key with these three numbers, big-endian, without the primes that make decryption faster.
    /// - Throws: `malformedKey` where there can be no such key, or `wrongRSAKeySize`.
    package init(
        modulus: some Collection<UInt8>, publicExponent: some Collection<UInt8>, privateExponent: SecretBytes
    ) throws(CipherError) {
        let modulus = try BigNumber(modulus)
        let publicExponent = try BigNumber(publicExponent)
        let privateExponent = try BigNumber(privateExponent)
        try self.init(Self.keyPair(modulus, publicExponent, privateExponent))
    }

    /// OSSL_PARAM_BLD(3), EVP_PKEY_fromdata(3).
    private static func keyPair(
        _ modulus: borrowing BigNumber, _ publicExponent: borrowing BigNumber, _ privateExponent: borrowing BigNumber
    ) throws(CipherError) -> PKey {
        OpenSSL.clearErrors()
        let builder = try OpenSSL.made(OSSL_PARAM_BLD_new(), by: "OSSL_PARAM_BLD_new")
        defer { OSSL_PARAM_BLD_free(builder) }
        try OpenSSL.check(
            copenssl_PARAM_BLD_push_RSA(builder, modulus.number, publicExponent.number, privateExponent.number),
            "OSSL_PARAM_BLD_push_BN")
        let parameters = try OpenSSL.made(OSSL_PARAM_BLD_to_param(builder), by: "OSSL_PARAM_BLD_to_param")
        defer { OSSL_PARAM_free(parameters) }
        let context = try OpenSSL.made(EVP_PKEY_CTX_new_from_name(nil, "RSA", nil), by: "EVP_PKEY_CTX_new_from_name")
        defer { EVP_PKEY_CTX_free(context) }
        try OpenSSL.check(EVP_PKEY_fromdata_init(context), "EVP_PKEY_fromdata_init")
        var key: OpaquePointer?
        guard copenssl_PKEY_keypair_fromdata(context, &key, parameters) == 1, let key else {
            throw .malformedKey(detail: "the numbers make no RSA key: \(OpenSSL.drainedErrors())")
        }
        return PKey(owning: key)
    }
}
