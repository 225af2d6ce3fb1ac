import COpenSSL
package import MPushSecret

extension RSAPrivateKey {
    /// Reads a private key without a passphrase, PKCS#8 or PKCS#1, as PEM or as its base64 alone.
    /// - Throws: `malformedKey` or `wrongRSAKeySize`.
    package init(pem text: String) throws(CipherError) {
        guard let key = try KeyText(SecretBytes(text.utf8.prefix(KeyText.maximumLength + 1))).privateKey() else {
            throw .malformedKey(detail: "this is no private key without a passphrase, in PEM or base64")
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
