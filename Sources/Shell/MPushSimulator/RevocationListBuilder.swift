import COpenSSL
import MPushModel

/// What is to stand in a revocation list (RFC 5280 section 5): for tests that need more than an everyday one.
package struct RevocationListTemplate {
    /// Why a certificate is in a list (RFC 5280 section 5.3.1).
    package enum Reason: Int, Sendable {
        case keyCompromise = 1
        case certificateHold = 6
        /// In a delta list: it is not revoked any more.
        case removeFromList = 8
    }

    package var revoked: [(certificate: ThrowawayCertificate, reason: Reason?)] = []
    /// How many entries there are beside those, of certificates that nobody has: serial numbers from 1 on.
    package var strangers = 0
    /// When it was made, and until when it counts.
    package var validity = ThrowawayAuthority.defaultValidity
    /// Whether it says until when it counts.
    package var hasEnd = true
    package var extensions: [CertificateTemplate.Extension] = []

    package init() {}
}

/// Makes a certificate revocation list (RFC 5280 section 5).
struct RevocationListBuilder {
    let issuer: ThrowawayCertificate
    let template: RevocationListTemplate

    /// The signed list, as PEM text.
    func build() throws(ThrowawayAuthorityError) -> [UInt8] {
        guard let list = X509_CRL_new() else { throw .fromOpenSSL("revocation list") }
        defer { X509_CRL_free(list) }
        try fill(list)
        try extend(list)
        for (certificate, reason) in template.revoked {
            try add(reason, to: list) { X509_REVOKED_set_serialNumber($0, X509_get_serialNumber(certificate.raw)) == 1 }
        }
        for number in 0..<template.strangers {
            try add(nil, to: list) { CertificateBuilder.setSerialNumber(of: $0, to: number + 1) }
        }
        guard X509_CRL_sort(list) == 1, X509_CRL_sign(list, issuer.key, EVP_sha256()) > 0 else {
            throw .fromOpenSSL("revocation list")
        }
        return PEMText.written { PEM_write_bio_X509_CRL($0, list) }
    }

    /// X.509 version 2 is number 1.
    private func fill(_ list: OpaquePointer) throws(ThrowawayAuthorityError) {
        guard let time = ASN1_TIME_new() else { throw .fromOpenSSL("revocation list") }
        defer { ASN1_TIME_free(time) }
        guard X509_CRL_set_version(list, 1) == 1,
            X509_CRL_set_issuer_name(list, X509_get_subject_name(issuer.raw)) == 1,
            CertificateBuilder.set(time, to: template.validity.lowerBound), X509_CRL_set1_lastUpdate(list, time) == 1,
            !template.hasEnd
                || CertificateBuilder.set(time, to: template.validity.upperBound)
                    && X509_CRL_set1_nextUpdate(list, time) == 1
        else { throw .fromOpenSSL("revocation list") }
    }

    private func extend(_ list: OpaquePointer) throws(ThrowawayAuthorityError) {
        for part in template.extensions {
            var context = X509V3_CTX()
            X509V3_set_ctx(&context, issuer.raw, nil, nil, list, 0)
            guard let made = X509V3_EXT_conf(nil, &context, part.name, part.value) else {
                throw .fromOpenSSL("\(part.name) = \(part.value)")
            }
            defer { X509_EXTENSION_free(made) }
            guard X509_CRL_add_ext(list, made, -1) == 1 else { throw .fromOpenSSL("\(part.name) = \(part.value)") }
        }
    }

    private func add(
        _ reason: RevocationListTemplate.Reason?, to list: OpaquePointer, number: (OpaquePointer) -> Bool
    ) throws(ThrowawayAuthorityError) {
        guard let entry = X509_REVOKED_new(), let time = ASN1_TIME_new() else { throw .fromOpenSSL("revocation") }
        defer { ASN1_TIME_free(time) }
        guard CertificateBuilder.set(time, to: template.validity.lowerBound),
            number(entry),
            X509_REVOKED_set_revocationDate(entry, time) == 1, set(reason, of: entry),
            X509_CRL_add0_revoked(list, entry) == 1
        else {
            X509_REVOKED_free(entry)
            throw .fromOpenSSL("revocation")
        }
    }

    private func set(_ reason: RevocationListTemplate.Reason?, of entry: OpaquePointer) -> Bool {
        guard let reason else { return true }
        guard let value = ASN1_ENUMERATED_new() else { return false }
        defer { ASN1_ENUMERATED_free(value) }
        return ASN1_ENUMERATED_set(value, reason.rawValue) == 1
            && copenssl_REVOKED_add1_reason(entry, value) == 1
    }
}
