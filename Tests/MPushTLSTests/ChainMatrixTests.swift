import MPushModel
import MPushSimulator
import MPushTLS
import Testing

/// Chains after RFC 5280 section 6, made with OpenSSL, each judged by us and by `openssl verify`.
@Suite struct ChainMatrixTests {
    /// What a server shows and a client trusts.
    struct Trial {
        var server: ThrowawayCertificate
        /// In place of what comes with the certificate.
        var intermediates: [UInt8]?
        var authorities: [UInt8]
        var lists: [UInt8]?
        var name = "push.example.com"
    }

    /// A chain, and what is right.
    struct Case: Sendable, CustomTestStringConvertible {
        let what: String
        /// The code of the failure; nil where it is good.
        let failure: String?
        /// Where OpenSSL's program sees it otherwise.
        var isGoodToOpenSSL: Bool?
        let make: @Sendable (Makings) throws -> Trial

        init(
            _ what: String, _ failure: String?, isGoodToOpenSSL: Bool? = nil,
            _ make: @escaping @Sendable (Makings) throws -> Trial
        ) {
            self.what = what
            self.failure = failure
            self.isGoodToOpenSSL = isGoodToOpenSSL
            self.make = make
        }

        var testDescription: String { what }
    }

    /// What most chains are made of.
    struct Makings {
        let root: ThrowawayAuthority
        let issuing: ThrowawayAuthority
        let leaf = CertificateTemplate.leaf(named: "push", alternativeNames: "DNS:push.example.com")
        let past = TestAuthorities.year(2001)...TestAuthorities.year(2002)
        let future = TestAuthorities.year(2090)...TestAuthorities.year(2091)

        init() throws {
            root = try ThrowawayAuthority(name: "Root")
            issuing = try root.issueAuthority(name: "Issuing")
        }

        func trial(_ server: ThrowawayCertificate) -> Trial {
            Trial(server: server, authorities: root.certificatePEM)
        }

        /// A certificate of an issuing authority as `change` makes it.
        func trial(
            issuing change: (CertificateTemplate) -> CertificateTemplate, leaf: CertificateTemplate? = nil
        ) throws -> Trial {
            trial(try root.issueAuthority(change(.authority(named: "Issuing"))).issue(leaf ?? self.leaf))
        }

        func dated(_ template: CertificateTemplate, _ validity: ThrowawayAuthority.Validity) -> CertificateTemplate {
            var dated = template
            dated.validity = validity
            return dated
        }
    }

    static let paths: [Case] = [
        Case("issued by the root", nil) { $0.trial(try $0.root.issue($0.leaf)) },
        Case("over an intermediate authority", nil) { $0.trial(try $0.issuing.issue($0.leaf)) },
        Case("intermediate authority not shown", "unknown-authority") {
            Trial(server: try $0.issuing.issue($0.leaf), intermediates: [], authorities: $0.root.certificatePEM)
        },
        Case("intermediate authority trusted as it is", nil) {
            Trial(server: try $0.issuing.issue($0.leaf), intermediates: [], authorities: $0.issuing.certificatePEM)
        },
        Case("the server's own certificate trusted", nil) {
            let server = try $0.issuing.issue($0.leaf)
            return Trial(server: server, intermediates: [], authorities: server.certificatePEM)
        },
        Case("order of the chain is wrong, with a stranger among it", nil) {
            let lower = try $0.issuing.issueAuthority(name: "Lower")
            let stranger = try ThrowawayAuthority(name: "Stranger")
            return Trial(
                server: try lower.issue($0.leaf),
                intermediates: stranger.certificatePEM + $0.issuing.certificatePEM + lower.certificatePEM,
                authorities: $0.root.certificatePEM)
        },
        Case("cross-signed, the other root trusted", nil) {
            try $0.crossSigned { own, crossed in crossed + own }
        },
        // OpenSSL follows the first authority of the right name that is shown, and does not go back.
        Case("cross-signed, the way to the root that is not trusted shown first", "unknown-authority") {
            try $0.crossSigned { own, crossed in own + crossed }
        },
        Case("cross-signed, the cross has ended", nil) {
            let other = try ThrowawayAuthority(name: "Other root")
            let crossed = try other.issueAuthority(
                $0.dated(.authority(named: "Issuing"), $0.past), key: $0.issuing.ownCertificate)
            return Trial(
                server: try $0.issuing.issue($0.leaf),
                intermediates: crossed.certificatePEM + $0.issuing.certificatePEM,
                authorities: other.certificatePEM + $0.root.certificatePEM)
        },
        Case("renewed root beside the one that has ended", nil) {
            let old = try $0.root.renewed($0.dated(.authority(named: "Root"), $0.past))
            return Trial(
                server: try $0.root.issue($0.leaf), authorities: old.certificatePEM + $0.root.certificatePEM)
        },
        Case("the root that has ended alone", "expired") {
            let old = try $0.root.renewed($0.dated(.authority(named: "Root"), $0.past))
            return Trial(server: try $0.root.issue($0.leaf), authorities: old.certificatePEM)
        },
        Case("intermediate authority has ended", "expired") { makings in
            try makings.trial(issuing: { makings.dated($0, makings.past) })
        },
        Case("intermediate authority of the future", "not-yet-valid") { makings in
            try makings.trial(issuing: { makings.dated($0, makings.future) })
        },
        Case("has ended", "expired") { $0.trial(try $0.root.issue($0.dated($0.leaf, $0.past))) },
        Case("of the future", "not-yet-valid") { $0.trial(try $0.root.issue($0.dated($0.leaf, $0.future))) },
        Case("self-signed and not known", "unknown-authority") {
            Trial(
                server: try ThrowawayAuthority($0.leaf).ownCertificate, authorities: $0.root.certificatePEM)
        },
        Case("of an authority with the root's name and another key", "unknown-authority") {
            $0.trial(try ThrowawayAuthority(name: "Root").issue($0.leaf))
        },
    ]

    static let constraints: [Case] = [
        Case("issued by a server", "bad-certificate") { makings in
            try makings.trial(issuing: { $0.with("basicConstraints", "critical,CA:FALSE") })
        },
        Case("issuer without basicConstraints", "bad-certificate") { makings in
            try makings.trial(issuing: { $0.with("basicConstraints", nil) })
        },
        Case("issuer that may not sign certificates", "bad-certificate") { makings in
            try makings.trial(issuing: { $0.with("keyUsage", "critical,cRLSign") })
        },
        Case("path length that is long enough", nil) { makings in
            try makings.trial(issuing: { $0.with("basicConstraints", "critical,CA:TRUE,pathlen:0") })
        },
        Case("path length that is too short", "bad-certificate") {
            let short = try $0.root.issueAuthority(
                CertificateTemplate.authority(named: "Short").with("basicConstraints", "critical,CA:TRUE,pathlen:0"))
            return $0.trial(try short.issueAuthority(name: "Below").issue($0.leaf))
        },
        Case("name allowed", nil) { makings in
            try makings.trial(issuing: { $0.with("nameConstraints", "critical,permitted;DNS:example.com") })
        },
        Case("name outside what is allowed", "bad-certificate") { makings in
            try makings.trial(issuing: { $0.with("nameConstraints", "critical,permitted;DNS:example.org") })
        },
        Case("name excluded", "bad-certificate") { makings in
            try makings.trial(issuing: { $0.with("nameConstraints", "critical,excluded;DNS:push.example.com") })
        },
        Case("address outside what is allowed", "bad-certificate") { makings in
            try makings.trial(
                issuing: { $0.with("nameConstraints", "critical,permitted;IP:10.0.0.0/255.0.0.0") },
                leaf: .leaf(named: "push", alternativeNames: "DNS:push.example.com,IP:192.0.2.1"))
        },
        Case("for clients only", "bad-certificate") {
            $0.trial(try $0.root.issue($0.leaf.with("extendedKeyUsage", "clientAuth")))
        },
        Case("for servers only", nil) {
            $0.trial(try $0.root.issue($0.leaf.with("extendedKeyUsage", "serverAuth")))
        },
        Case("without a word of what for", nil) {
            $0.trial(try $0.root.issue($0.leaf.with("extendedKeyUsage", nil)))
        },
        Case("authority for mail only", "bad-certificate") { makings in
            try makings.trial(issuing: { $0.with("extendedKeyUsage", "emailProtection") })
        },
        Case("critical extension that nobody knows", "bad-certificate") {
            $0.trial(try $0.root.issue($0.leaf.with("1.2.3.4", "critical,DER:05:00")))
        },
        Case("key of RSA with 2048 bits", nil) {
            var template = $0.leaf
            template.key = .rsa(bits: 2048)
            return $0.trial(try $0.root.issue(template))
        },
    ]

    static let lists: [Case] = [
        Case("in the list of nobody", nil) {
            Trial(
                server: try $0.root.issue($0.leaf), authorities: $0.root.certificatePEM,
                lists: try $0.root.revocationListPEM())
        },
        Case("revoked", "revoked") { try $0.revoked(nil) },
        Case("revoked, on hold", "revoked") { try $0.revoked(.certificateHold) },
        Case("no list of the issuer", "bad-certificate") {
            Trial(
                server: try $0.issuing.issue($0.leaf), authorities: $0.root.certificatePEM,
                lists: try $0.root.revocationListPEM())
        },
        Case("list has ended", "bad-certificate") {
            Trial(
                server: try $0.root.issue($0.leaf), authorities: $0.root.certificatePEM,
                lists: try $0.root.revocationListPEM(validity: $0.past))
        },
        Case("list of the future", "bad-certificate") {
            Trial(
                server: try $0.root.issue($0.leaf), authorities: $0.root.certificatePEM,
                lists: try $0.root.revocationListPEM(validity: $0.future))
        },
        Case("list that has ended beside the new one", nil) {
            Trial(
                server: try $0.root.issue($0.leaf), authorities: $0.root.certificatePEM,
                lists: try $0.root.revocationListPEM(validity: $0.past) + $0.root.revocationListPEM())
        },
        Case("list of another authority of the same name", "bad-certificate") {
            Trial(
                server: try $0.root.issue($0.leaf), authorities: $0.root.certificatePEM,
                lists: try ThrowawayAuthority(name: "Root").revocationListPEM())
        },
        Case("list without an end", nil) {
            var list = RevocationListTemplate()
            list.hasEnd = false
            return Trial(
                server: try $0.root.issue($0.leaf), authorities: $0.root.certificatePEM,
                lists: try $0.root.revocationListPEM(list))
        },
        Case("list with a critical extension that nobody knows", "bad-certificate") {
            try $0.listed(CertificateTemplate.Extension("1.2.3.4", "critical,DER:05:00"))
        },
        Case("list of authorities only", "bad-certificate") {
            try $0.listed(CertificateTemplate.Extension("issuingDistributionPoint", "critical,onlyCA:TRUE"))
        },
        Case("list of some reasons only", "bad-certificate") {
            try $0.listed(
                CertificateTemplate.Extension("issuingDistributionPoint", "critical,onlysomereasons:keyCompromise"))
        },
        Case("list of servers and users only", nil) {
            try $0.listed(CertificateTemplate.Extension("issuingDistributionPoint", "critical,onlyuser:TRUE"))
        },
        Case("delta list alone", "bad-certificate") {
            Trial(
                server: try $0.root.issue($0.leaf), authorities: $0.root.certificatePEM,
                lists: try $0.delta(revoking: []))
        },
        Case("delta list alone, revoked in it", "bad-certificate") {
            let server = try $0.root.issue($0.leaf)
            return Trial(
                server: server, authorities: $0.root.certificatePEM,
                lists: try $0.delta(revoking: [(server, .keyCompromise)]))
        },
        Case("complete and delta list", nil) {
            Trial(
                server: try $0.root.issue($0.leaf), authorities: $0.root.certificatePEM,
                lists: try $0.complete() + $0.delta(revoking: []))
        },
        Case("revoked in the delta list", "revoked", isGoodToOpenSSL: true) {
            let server = try $0.root.issue($0.leaf)
            return Trial(
                server: server, authorities: $0.root.certificatePEM,
                lists: try $0.complete() + $0.delta(revoking: [(server, .keyCompromise)]))
        },
        Case("revoked in the complete list, beside a newer delta list of all reasons", "revoked", isGoodToOpenSSL: true)
        {
            let server = try $0.root.issue($0.leaf)
            return Trial(
                server: server, authorities: $0.root.certificatePEM,
                lists: try $0.complete(revoking: [(server, .keyCompromise)])
                    + $0.delta(revoking: [], hasAllReasons: true))
        },
        Case("delta list of all reasons alone", "bad-certificate", isGoodToOpenSSL: true) {
            Trial(
                server: try $0.root.issue($0.leaf), authorities: $0.root.certificatePEM,
                lists: try $0.delta(revoking: [], hasAllReasons: true))
        },
        Case("revoked in an old delta list, not in the newer complete one", nil) {
            let server = try $0.root.issue($0.leaf)
            return Trial(
                server: server, authorities: $0.root.certificatePEM,
                lists: try $0.complete(number: 3) + $0.delta(revoking: [(server, .certificateHold)]))
        },
        Case("revoked in the delta list that the certificate points to", "revoked") {
            let server = try $0.root.issue($0.leaf.with("freshestCRL", "URI:http://ca.example.com/delta"))
            return Trial(
                server: server, authorities: $0.root.certificatePEM,
                lists: try $0.complete() + $0.delta(revoking: [(server, .keyCompromise)]))
        },
        // Until the complete list says so too: OpenSSL has the last word of that one.
        Case("not revoked any more by the delta list", "revoked", isGoodToOpenSSL: true) {
            let server = try $0.root.issue($0.leaf.with("freshestCRL", "URI:http://ca.example.com/delta"))
            return Trial(
                server: server, authorities: $0.root.certificatePEM,
                lists: try $0.complete(revoking: [(server, .certificateHold)])
                    + $0.delta(revoking: [(server, .removeFromList)]))
        },
        Case("delta list of another authority of the same name", nil) {
            let server = try $0.root.issue($0.leaf)
            let other = try Makings()
            return Trial(
                server: server, authorities: $0.root.certificatePEM,
                lists: try $0.complete() + other.delta(revoking: [(server, .keyCompromise)]))
        },
        Case("intermediate authority revoked", "revoked", isGoodToOpenSSL: true) {
            Trial(
                server: try $0.issuing.issue($0.leaf), authorities: $0.root.certificatePEM,
                lists: try $0.issuing.revocationListPEM()
                    + $0.root.revocationListPEM(revoking: [$0.issuing.ownCertificate]))
        },
        // The old root's list is of no use for the new one; it is not in the way either.
        Case("list of the root before it got another key", nil) {
            let old = try ThrowawayAuthority(name: "Root")
            var list = RevocationListTemplate()
            list.extensions = [.init("authorityKeyIdentifier", "keyid")]
            return Trial(
                server: try $0.issuing.issue($0.leaf),
                intermediates: $0.issuing.certificatePEM + old.certificatePEM, authorities: $0.root.certificatePEM,
                lists: try $0.issuing.revocationListPEM() + old.revocationListPEM(list))
        },
        Case("no list of the root", nil) {
            Trial(
                server: try $0.issuing.issue($0.leaf), authorities: $0.root.certificatePEM,
                lists: try $0.issuing.revocationListPEM())
        },
        Case("root and intermediate authority trusted, lists of both", nil) { try $0.bothTrusted(revoking: []) },
        Case("the trusted intermediate authority revoked by the root", "revoked", isGoodToOpenSSL: true) {
            try $0.bothTrusted(revoking: [$0.issuing.ownCertificate])
        },
        Case("intermediate authority trusted alone, with its list", nil) {
            Trial(
                server: try $0.issuing.issue($0.leaf), authorities: $0.issuing.certificatePEM,
                lists: try $0.issuing.revocationListPEM())
        },
        Case("the trusted intermediate authority in a forged list", nil) {
            Trial(
                server: try $0.issuing.issue($0.leaf), authorities: $0.root.certificatePEM + $0.issuing.certificatePEM,
                lists: try $0.issuing.revocationListPEM()
                    + ThrowawayAuthority(name: "Root").revocationListPEM(revoking: [$0.issuing.ownCertificate]))
        },
        Case("the server's own certificate trusted, revoked", "bad-certificate") {
            let server = try $0.root.issue($0.leaf)
            return Trial(
                server: server, authorities: server.certificatePEM,
                lists: try $0.root.revocationListPEM(revoking: [server]))
        },
    ]

    @Test(arguments: paths + constraints + lists)
    func chainsAreJudgedAsTheRFCsSay(_ example: Case) throws {
        let trial = try example.make(Makings())
        var settings = TLSClientSettings()
        settings.authorities = .pem(trial.authorities)
        settings.revocationListsPEM = trial.lists
        let chain = trial.intermediates.map { trial.server.certificatePEM + $0 } ?? trial.server.chainPEM
        let server = try TLSContext(
            server: TLSServerSettings(
                identity: TLSIdentity(certificateChainPEM: chain, keyPEM: trial.server.keyPEM)))
        let pair = try EnginePair(client: TLSContext(client: settings), server: server, name: trial.name)
        pair.run()
        #expect(pair.clientFailure?.code == example.failure, "\(pair.clientFailure.debugDescription)")
        #expect((pair.clientInfo != nil) == (example.failure == nil))
        let second = OpenSSLVerdict(
            chain: chain, authorities: trial.authorities, revocationLists: trial.lists, name: trial.name)
        #expect(try second.isAccepted() == example.isGoodToOpenSSL ?? (example.failure == nil))
    }
}

extension ChainMatrixTests.Makings {
    typealias Trial = ChainMatrixTests.Trial
    typealias Revoked = [(certificate: ThrowawayCertificate, reason: RevocationListTemplate.Reason?)]

    func revoked(_ reason: RevocationListTemplate.Reason?) throws -> Trial {
        let server = try root.issue(leaf)
        return Trial(
            server: server, authorities: root.certificatePEM, lists: try complete(revoking: [(server, reason)]))
    }

    /// A list with one extension more.
    func listed(_ part: CertificateTemplate.Extension) throws -> Trial {
        var list = RevocationListTemplate()
        list.extensions = [part]
        return Trial(
            server: try root.issue(leaf), authorities: root.certificatePEM, lists: try root.revocationListPEM(list))
    }

    func complete(number: Int = 1, revoking revoked: Revoked = []) throws -> [UInt8] {
        var list = RevocationListTemplate()
        list.revoked = revoked
        list.extensions = [.init("crlNumber", "DER:02:01:0\(number)")]
        return try root.revocationListPEM(list)
    }

    func delta(revoking revoked: Revoked, hasAllReasons: Bool = false) throws -> [UInt8] {
        var list = RevocationListTemplate()
        list.revoked = revoked
        list.extensions = [.init("crlNumber", "DER:02:01:02"), .init("deltaCRL", "critical,DER:02:01:01")]
        list.validity = TestAuthorities.year(2021)...ThrowawayAuthority.defaultValidity.upperBound
        if hasAllReasons {
            // IssuingDistributionPoint: onlySomeReasons [3], all nine bits but the first (RFC 5280 section 5.2.5).
            list.extensions.append(.init("issuingDistributionPoint", "critical,DER:30:05:83:03:07:7F:80"))
        }
        return try root.revocationListPEM(list)
    }

    func crossSigned(shown: ([UInt8], [UInt8]) -> [UInt8]) throws -> Trial {
        let other = try ThrowawayAuthority(name: "Other root")
        let crossed = try other.issueAuthority(.authority(named: "Issuing"), key: issuing.ownCertificate)
        return Trial(
            server: try issuing.issue(leaf), intermediates: shown(issuing.certificatePEM, crossed.certificatePEM),
            authorities: other.certificatePEM)
    }

    func bothTrusted(revoking revoked: [ThrowawayCertificate]) throws -> Trial {
        Trial(
            server: try issuing.issue(leaf), authorities: root.certificatePEM + issuing.certificatePEM,
            lists: try issuing.revocationListPEM() + root.revocationListPEM(revoking: revoked))
    }
}
