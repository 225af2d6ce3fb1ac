import COpenSSL
package import MPushSecret

extension RSAPrivateKey {
    /// Reads a private key without a passphrase, PKCS#8 or PKCS#1, as PEM or as its base64 alone.
    /// - Throws: `malformedKey` or `wrongRSAKeySize`.
    package init(pem text: String) throws(CipherError) {
        guard let key = try KeyText(text.utf8).privateKey() else {
            throw .malformedKey(detail: "this is no private key without a passphrase, in PEM or base64")
        }
        try self.init(key)
    }

    /// The key with these three numbers, big-endian, without the primes that make decryption faster.
    /// - Throws: `malformedKey` where there can be no such key, or `wrongRSAKeySize`.
    package init(
        modulus: some Collection<UInt8>, publicExponent: some Collection<UInt8>, privateExponent: SecretBytes
    ) throws(CipherError) {
        var parameters = try RSAParameters()
        try parameters.push(modulus, as: OSSL_PKEY_PARAM_RSA_N)
        try parameters.push(publicExponent, as: OSSL_PKEY_PARAM_RSA_E)
        try privateExponent.withUnsafeBytes { bytes throws(CipherError) in
            try parameters.push(bytes, as: OSSL_PKEY_PARAM_RSA_D)
        }
        try self.init(parameters.keyPair())
    }
}
