import COpenSSL
import MPushModel

/// One certificate revocation list (RFC 5280 section 5).
final class RevocationList {
    /// Lists of one scope take each other's place: of one authority (by its name and key) and of one part of what it issued.
    struct Scope: Hashable {
        let issuer: [UInt8]
        let authorityKey: [UInt8]?
        let distributionPoint: [UInt8]?
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

    /// From when on it counts.
    var start: ASN1Time? { X509_CRL_get0_lastUpdate(raw).flatMap { ASN1Time($0) } }

    /// Until when it counts; nil where it does not say, or not readably.
    var nextUpdate: WallTime? { X509_CRL_get0_nextUpdate(raw).flatMap { ASN1Time($0)?.wallTime } }

    /// The same for people.
    var nextUpdateText: String? { X509_CRL_get0_nextUpdate(raw).flatMap { ASN1Time($0)?.text } }

    /// Whether it holds only what was added to a complete list (RFC 5280 section 5.2.4).
    var isDelta: Bool { X509_CRL_get_ext_by_NID(raw, NID_delta_crl, -1) >= 0 }

    /// RFC 5280 sections 5.1.2.3, 5.2.1 and 5.2.5.
    var scope: Scope {
        Scope(
            issuer: DistinguishedName(X509_CRL_get_issuer(raw)).encoded,
            authorityKey: value(of: NID_authority_key_identifier),
            distributionPoint: value(of: NID_issuing_distribution_point))
    }

    /// Counts up with each list of a scope (RFC 5280 section 5.2.3); nil where it is missing or beyond 63 bits.
    var number: Int64? {
        var number: Int64 = 0
        return copenssl_CRL_get_number(raw, &number) == 1 ? number : nil
    }

    /// The bytes of an extension.
    private func value(of identifier: Int32) -> [UInt8]? {
        let index = X509_CRL_get_ext_by_NID(raw, identifier, -1)
        guard index >= 0, let part = X509_CRL_get_ext(raw, index), let data = X509_EXTENSION_get_data(part),
            let start = ASN1_STRING_get0_data(data)
        else { return nil }
        return Array(UnsafeBufferPointer(start: start, count: Int(max(0, ASN1_STRING_length(data)))))
    }

    /// The newest delta list of each scope, but those that a complete list of it has overtaken: that one has what they
    /// added, and may have taken it back (RFC 5280 section 5.2.4).
    static func deltasInForce(among lists: [RevocationList]) -> [RevocationList] {
        let complete = Dictionary(grouping: lists.filter { !$0.isDelta }, by: \.scope)
            .compactMapValues { $0.compactMap(\.number).max() }
        return Dictionary(grouping: lists.filter(\.isDelta), by: \.scope).flatMap { scope, deltas in
            let newest = deltas.compactMap(\.number).max()
            return deltas.filter { delta in
                guard let number = delta.number else { return true }
                return number == newest && number > complete[scope] ?? .min
            }
        }
    }

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
