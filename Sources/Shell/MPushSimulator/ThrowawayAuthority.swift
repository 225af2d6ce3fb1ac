import COpenSSL
package import MPushModel

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
        var template = CertificateTemplate.authority(named: name)
        template.validity = validity
        try self.init(template)
    }

    /// A root authority as `template` says.
    package convenience init(_ template: CertificateTemplate) throws(ThrowawayAuthorityError) {
        self.init(certificate: try CertificateBuilder(template: template).build(issuer: nil), intermediates: [])
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
        var template = CertificateTemplate.authority(named: name)
        template.validity = validity
        return try issueAuthority(template)
    }

    /// An authority as `template` says, that this one vouches for. With `key`, one for that certificate's key: the same
    /// authority under another one (a cross-signed certificate), or the same one again (a renewed certificate).
    package func issueAuthority(
        _ template: CertificateTemplate, key: ThrowawayCertificate? = nil
    ) throws(ThrowawayAuthorityError) -> ThrowawayAuthority {
        let issued = try CertificateBuilder(template: template).build(issuer: ownCertificate, key: key)
        return ThrowawayAuthority(certificate: issued, intermediates: issued.certificatePEM + intermediates)
    }

    /// The same authority with a certificate that `template` says, for the same key: a renewed root.
    package func renewed(_ template: CertificateTemplate) throws(ThrowawayAuthorityError) -> ThrowawayAuthority {
        ThrowawayAuthority(
            certificate: try CertificateBuilder(template: template).build(issuer: nil, key: ownCertificate),
            intermediates: [])
    }

    /// A certificate for a server or a client. `names` are its host names and addresses, the first of them its common
    /// name.
    package func issue(
        names: [String], validity: Validity = defaultValidity
    ) throws(ThrowawayAuthorityError) -> ThrowawayCertificate {
        var template = CertificateTemplate.leaf(
            named: names.first ?? "nameless", alternativeNames: try ThrowawayAuthority.notation(names))
        template.validity = validity
        return try issue(template)
    }

    /// A certificate as `template` says.
    package func issue(_ template: CertificateTemplate) throws(ThrowawayAuthorityError) -> ThrowawayCertificate {
        let issued = try CertificateBuilder(template: template).build(issuer: ownCertificate)
        issued.intermediates = intermediates
        return issued
    }

    /// The list of the certificates of this authority that are not to be trusted any more.
    package func revocationListPEM(
        revoking revoked: [ThrowawayCertificate] = [], validity: Validity = defaultValidity
    ) throws(ThrowawayAuthorityError) -> [UInt8] {
        var template = RevocationListTemplate()
        template.revoked = revoked.map { ($0, nil) }
        template.validity = validity
        return try revocationListPEM(template)
    }

    /// A list as `template` says.
    package func revocationListPEM(_ template: RevocationListTemplate) throws(ThrowawayAuthorityError) -> [UInt8] {
        try RevocationListBuilder(issuer: ownCertificate, template: template).build()
    }
}

extension ThrowawayAuthority {
    /// OpenSSL's own notation. A comma would start another name; wildcards are for tests of what a client makes of them.
    private static func notation(_ names: [String]) throws(ThrowawayAuthorityError) -> String {
        for name in names where !name.utf8.allSatisfy(isNameCharacter) {
            throw ThrowawayAuthorityError(detail: "\(name) is neither a host name nor an address")
        }
        return names.map { isAddress($0) ? "IP:\($0)" : "DNS:\($0)" }.joined(separator: ",")
    }

    private static func isNameCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "-._*:".utf8.contains(byte)
        }
    }

    private static func isAddress(_ name: String) -> Bool {
        guard let address = a2i_IPADDRESS(name) else { return false }
        ASN1_OCTET_STRING_free(address)
        return true
    }
}

/// A certificate or list that OpenSSL would not make, with its words.
package struct ThrowawayAuthorityError: Error, Equatable, Sendable {
    package let detail: String
}

extension ThrowawayAuthorityError {
    /// OpenSSL's newest words, with `subject` saying what was being made.
    static func fromOpenSSL(_ subject: String) -> ThrowawayAuthorityError {
        let words = ERR_reason_error_string(ERR_peek_last_error()).map { String(cString: $0) } ?? "refused by OpenSSL"
        ERR_clear_error()
        return ThrowawayAuthorityError(detail: "\(subject): \(words)")
    }
}
