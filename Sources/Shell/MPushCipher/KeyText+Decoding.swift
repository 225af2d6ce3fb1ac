import COpenSSL
import MPushSecret

extension KeyText {
    /// What keys are mistaken for.
    enum Kind {
        case privateKey
        case rsaPublicKey
        case certificate
        case unknown
    }

    /// The X.509 SubjectPublicKeyInfo that this is; nil where it is none.
    func publicKey() -> PKey? {
        decoded({ d2i_PUBKEY(nil, $0, $1) }, freedBy: EVP_PKEY_free, PKey.init(owning:))
    }

    /// The private key, PKCS#8 or PKCS#1, that this is; nil where it is none.
    func privateKey() -> PKey? {
        decoded({ d2i_AutoPrivateKey(nil, $0, $1) }, freedBy: EVP_PKEY_free, PKey.init(owning:))
    }

    /// What this is where it is no public key, as far as it can be told.
    var kind: Kind {
        if privateKey() != nil || isPKCS8 { return .privateKey }
        if isCertificate { return .certificate }
        return isPKCS1PublicKey ? .rsaPublicKey : .unknown
    }

    /// Finds private keys also where their numbers are not usable, as Java writes them from modulus and exponent alone.
    private var isPKCS8: Bool { isOne({ d2i_PKCS8_PRIV_KEY_INFO(nil, $0, $1) }, freedBy: PKCS8_PRIV_KEY_INFO_free) }

    private var isCertificate: Bool { isOne({ d2i_X509(nil, $0, $1) }, freedBy: X509_free) }

    private var isPKCS1PublicKey: Bool { isOne({ d2i_PublicKey(EVP_PKEY_RSA, nil, $0, $1) }, freedBy: EVP_PKEY_free) }

    private func isOne(_ decode: DER.Decoder, freedBy free: (OpaquePointer?) -> Void) -> Bool {
        decoded(decode, freedBy: free) { object in
            free(object)
            return true
        } ?? false
    }

    /// Hands what `decode` makes of the bytes to `take`, whose it is then; nil where they are not that, or more than that.
    private func decoded<Result>(
        _ decode: DER.Decoder, freedBy free: (OpaquePointer?) -> Void, _ take: (OpaquePointer) -> Result
    ) -> Result? {
        OpenSSL.clearErrors()
        defer { OpenSSL.clearErrors() }
        return der.withUnsafeBytes { DER.decode($0, decode, freedBy: free) }.map(take)
    }
}
