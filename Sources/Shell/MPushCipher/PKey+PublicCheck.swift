import COpenSSL

extension PKey {
    /// Throws unless this is an RSA public key that keeps what is encrypted with it secret, as far as that can be seen
    /// of it. What costs little comes first: a modulus beyond all bounds is refused before anything is computed with it.
    /// - Returns: How what it encrypts is cut.
    /// - Throws: `malformedKey` or `wrongRSAKeySize`.
    func checkPublicRSA() throws(CipherError) -> RSABlock {
        let block = try RSABlock(keyBits: rsaBits())
        try checkNumbers()
        try checkByOpenSSL()
        return block
    }

    /// What OpenSSL looks at late, not at all, or says no word about (RFC 8017 section 3.1).
    private func checkNumbers() throws(CipherError) {
        let modulus = try number(named: "n")
        let exponent = try number(named: "e")
        guard modulus.isOdd else { throw Self.useless("its modulus is even") }
        guard exponent.isOdd else { throw Self.useless("its public exponent is even") }
        guard !exponent.isOne else { throw Self.useless("its public exponent is 1, which encrypts nothing") }
        guard exponent < modulus else { throw Self.useless("its public exponent is not below its modulus") }
    }

    /// Among others: the modulus is a prime, the power of one, or has a small factor (EVP_PKEY_public_check(3)).
    private func checkByOpenSSL() throws(CipherError) {
        let context = try makeContext()
        defer { EVP_PKEY_CTX_free(context) }
        guard EVP_PKEY_public_check(context) == 1 else { throw Self.useless(OpenSSL.drainedErrors()) }
    }

    private static func useless(_ reason: String) -> CipherError {
        .malformedKey(detail: "the RSA key can keep nothing secret: \(reason)")
    }
}
