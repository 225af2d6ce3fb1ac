import COpenSSL
import MPushTime

/// Makes a certificate revocation list (RFC 5280 section 5).
struct RevocationListBuilder {
    let issuer: ThrowawayCertificate
    /// When the list was made, and until when it counts.
    let validity: ThrowawayAuthority.Validity

    /// The signed list of `revoked`, as PEM text.
    func build(revoking revoked: [ThrowawayCertificate]) throws(ThrowawayAuthorityError) -> [UInt8] {
        guard let list = X509_CRL_new() else { throw .fromOpenSSL("revocation list") }
        defer { X509_CRL_free(list) }
        try fill(list)
        for certificate in revoked { try add(certificate, to: list) }
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
            CertificateBuilder.set(time, to: validity.lowerBound), X509_CRL_set1_lastUpdate(list, time) == 1,
            CertificateBuilder.set(time, to: validity.upperBound), X509_CRL_set1_nextUpdate(list, time) == 1
        else { throw .fromOpenSSL("revocation list") }
    }

    private func add(
        _ certificate: ThrowawayCertificate, to list: OpaquePointer
    ) throws(ThrowawayAuthorityError) {
        guard let entry = X509_REVOKED_new(), let time = ASN1_TIME_new() else { throw .fromOpenSSL("revocation") }
        defer { ASN1_TIME_free(time) }
        guard CertificateBuilder.set(time, to: validity.lowerBound),
            X509_REVOKED_set_serialNumber(entry, X509_get_serialNumber(certificate.raw)) == 1,
            X509_REVOKED_set_revocationDate(entry, time) == 1, X509_CRL_add0_revoked(list, entry) == 1
        else {
            X509_REVOKED_free(entry)
            throw .fromOpenSSL("revocation")
        }
    }
}
