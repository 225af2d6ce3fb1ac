import COpenSSL
import MPushTime

/// One certificate revocation list (RFC 5280 section 5).
final class RevocationList {
    /// Lists of one scope take each other's place.
    struct Scope: Hashable {
        let issuer: String
        let isDelta: Bool
    }

    let raw: OpaquePointer

    /// Takes over the caller's reference.
    init(owning raw: OpaquePointer) {
        self.raw = raw
    }

    deinit {
        X509_CRL_free(raw)
    }

    /// The distinguished name of the authority that made it.
    var issuer: String { DistinguishedName(X509_CRL_get_issuer(raw)).text }

    /// Until when it counts; nil where it does not say, or not readably.
    var nextUpdate: WallTime? { X509_CRL_get0_nextUpdate(raw).flatMap { ASN1Time($0)?.wallTime } }

    /// The same for people.
    var nextUpdateText: String? { X509_CRL_get0_nextUpdate(raw).flatMap { ASN1Time($0)?.text } }

    /// Whether it holds only what was added to a complete list (RFC 5280 section 5.2.4).
    var isDelta: Bool { X509_CRL_get_ext_by_NID(raw, NID_delta_crl, -1) >= 0 }

    var scope: Scope { Scope(issuer: issuer, isDelta: isDelta) }

    /// Whether `authority` signed it.
    func isSigned(by authority: Certificate) -> Bool {
        guard let key = X509_get0_pubkey(authority.raw) else { return false }
        return X509_CRL_verify(raw, key) == 1
    }

    /// Whether it says that `certificate` is revoked, by issuer and serial number. (Not where a delta says that it is not any
    /// more: that is 2, removeFromCRL of RFC 5280 section 5.3.1.)
    func names(_ certificate: Certificate) -> Bool {
        X509_CRL_get0_by_cert(raw, nil, certificate.raw) == 1
    }

    /// Whether it is of the authority that issued `certificate`, by the name.
    func isOfIssuer(of certificate: Certificate) -> Bool {
        X509_NAME_cmp(X509_CRL_get_issuer(raw), X509_get_issuer_name(certificate.raw)) == 0
    }
}
