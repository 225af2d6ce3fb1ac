import COpenSSL
import MPushSecret

extension KeyText {
    /// One of OpenSSL's functions that make an object of DER, and move the pointer beyond what they read
    /// (d2i_X509(3)).
    typealias Decoder = (_ position: UnsafeMutablePointer<UnsafePointer<UInt8>?>, _ count: Int) -> OpaquePointer?

    /// What keys are mistaken for.
    enum Kind {
        case privateKey
        case rsaPublicKey
        case certificate
        case unknown
    }

    /// The X.509 SubjectPublicKeyInfo that this is; nil where it is none.
    func publicKey() -> PKey? {
        decoded({ d2i_PUBKEY(nil, $0, $1) }, orFreedBy: EVP_PKEY_free).map(PKey.init(owning:))
    }

    /// The private key, PKCS#8 or PKCS#1, that this is; nil where it is none.
    func privateKey() -> PKey? {
        decoded({ d2i_AutoPrivateKey(nil, $0, $1) }, orFreedBy: EVP_PKEY_free).map(PKey.init(owning:))
    }

    /// What this is where it is no public key, as far as it can be told.
    var kind: Kind {
        if privateKey() != nil || isPKCS8 { return .privateKey }
        if isCertificate { return .certificate }
        return isPKCS1PublicKey ? .rsaPublicKey : .unknown
    }

    /// Finds private keys also where their numbers are not usable, as Java writes them from modulus and exponent alone.
    private var isPKCS8: Bool {
        let info = decoded({ d2i_PKCS8_PRIV_KEY_INFO(nil, $0, $1) }, orFreedBy: PKCS8_PRIV_KEY_INFO_free)
        PKCS8_PRIV_KEY_INFO_free(info)
        return info != nil
    }

    private var isCertificate: Bool {
        let certificate = decoded({ d2i_X509(nil, $0, $1) }, orFreedBy: X509_free)
        X509_free(certificate)
        return certificate != nil
    }

    private var isPKCS1PublicKey: Bool {
        let key = decoded({ d2i_PublicKey(EVP_PKEY_RSA, nil, $0, $1) }, orFreedBy: EVP_PKEY_free)
        EVP_PKEY_free(key)
        return key != nil
    }

    /// What `decode` makes of the bytes, the caller's to free; nil where they are not that, or more than that.
    private func decoded(_ decode: Decoder, orFreedBy free: (OpaquePointer?) -> Void) -> OpaquePointer? {
        OpenSSL.clearErrors()
        defer { OpenSSL.clearErrors() }
        return der.withUnsafeBytes { bytes in
            var position = bytes.assumingMemoryBound(to: UInt8.self).baseAddress
            let end = position?.advanced(by: bytes.count)
            guard let object = decode(&position, bytes.count) else { return nil }
            guard position == end else {
                free(object)
                return nil
            }
            return object
        }
    }
}
