package import MPushTime

/// A certificate authority that lives as long as the process: for a simulated server that nobody has to make certificates
/// for, and for tests. Its keys are EC P-256. All that it makes is valid from 2020 to 2049 unless told otherwise.
package final class ThrowawayAuthority {
    /// How long a certificate is good.
    package typealias Validity = ClosedRange<WallTime>

    /// The authority's own certificate, for those who are to trust it.
    package let certificatePEM: [UInt8]
    /// The authority's own certificate and key, for a list that revokes it.
    package let ownCertificate: ThrowawayCertificate
    /// Certificates between a leaf and the authority that is trusted; empty for a root.
    let intermediates: [UInt8]

    /// Long ago until far away: 2020-01-01 to 2049-12-31.
    package static let defaultValidity: Validity =
        WallTime(millisecondsSince1970: 1_577_836_800_000)...WallTime(millisecondsSince1970: 2_524_521_600_000)

    /// A root authority of its own. `name` is its common name; authorities of the same name still differ in their keys.
    package convenience init(
        name: String = "mpush-sim throw-away authority", validity: Validity = defaultValidity
    ) throws(ThrowawayAuthorityError) {
        let builder = CertificateBuilder(name: name, alternativeNames: [], validity: validity, kind: .authority)
        let certificate = try builder.build(issuer: nil)
        self.init(certificate: certificate, intermediates: [])
    }

    private init(certificate: ThrowawayCertificate, intermediates: [UInt8]) {
        ownCertificate = certificate
        certificatePEM = certificate.certificatePEM
        self.intermediates = intermediates
    }

    /// An authority that this one vouches for; what it issues comes with the chain up to this one.
    package func issueAuthority(
        name: String, validity: Validity = defaultValidity
    ) throws(ThrowawayAuthorityError) -> ThrowawayAuthority {
        let builder = CertificateBuilder(name: name, alternativeNames: [], validity: validity, kind: .authority)
        let issued = try builder.build(issuer: ownCertificate)
        return ThrowawayAuthority(certificate: issued, intermediates: issued.certificatePEM + intermediates)
    }

    /// A certificate for a server or a client. `names` are its host names and addresses, the first of them its common
    /// name.
    package func issue(
        names: [String], validity: Validity = defaultValidity
    ) throws(ThrowawayAuthorityError) -> ThrowawayCertificate {
        let builder = CertificateBuilder(
            name: names.first ?? "nameless", alternativeNames: names, validity: validity, kind: .leaf)
        let issued = try builder.build(issuer: ownCertificate)
        issued.intermediates = intermediates
        return issued
    }

    /// The list of the certificates of this authority that are not to be trusted any more.
    package func revocationListPEM(
        revoking revoked: [ThrowawayCertificate] = [], validity: Validity = defaultValidity
    ) throws(ThrowawayAuthorityError) -> [UInt8] {
        try RevocationListBuilder(issuer: ownCertificate, validity: validity).build(revoking: revoked)
    }
}
