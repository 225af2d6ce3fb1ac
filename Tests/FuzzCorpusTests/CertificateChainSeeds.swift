import Foundation
import MPushFuzzing
import MPushSimulator
import MPushTestSupport

/// Chains of every kind that the matrix of MPushTLSTests knows, and the forged certificates that once ended the daemon.
enum CertificateChainSeeds {
    static func all() throws -> [Seed] {
        try made() + forged()
    }

    /// Fixtures/forged-names: certificates with an otherName, found by foreign suites.
    static func forged() throws -> [Seed] {
        let folder = Fixture.folder.appending(path: "forged-names")
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        let root = try der(ThrowawayAuthority(name: "Root").certificatePEM)
        return try files.map { file in
            let encoded = [UInt8](try Data(contentsOf: file))
            return Seed(
                name: "forged-\(file.deletingPathExtension().lastPathComponent)",
                bytes: [0] + CertificateChainInput.item(.shown, encoded)
                    + root.flatMap { CertificateChainInput.item(.authority, $0) })
        }
    }

    private static func made() throws -> [Seed] {
        let root = try ThrowawayAuthority(name: "Root")
        let issuing = try root.issueAuthority(name: "Issuing")
        let names = "DNS:push.example.com,IP:192.0.2.7,otherName:1.2.3;UTF8:x,RID:1.2.3,email:a@b.c,URI:x:y"
        let server = try issuing.issue(.leaf(named: "push", alternativeNames: names))
        let direct = try root.issue(.leaf(named: "push", alternativeNames: "DNS:*.example.com"))
        let nameless = try root.issue(.leaf(named: "push.example.com", alternativeNames: ""))
        let lists = try issuing.revocationListPEM() + root.revocationListPEM()
        var delta = RevocationListTemplate()
        delta.extensions = [.init("deltaCRL", "critical,DER:02:01:01")]
        delta.revoked = [(direct, .keyCompromise)]
        let constrained = try root.issueAuthority(
            CertificateTemplate.authority(named: "Constrained")
                .with("nameConstraints", "critical,permitted;DNS:example.org"))
        let trust = root.certificatePEM
        return [
            try seed("good", server, trust: trust),
            try seed("good-address", server, trust: trust, options: 1),
            try seed("wrong-host", server, trust: trust, options: 3),
            try seed("wildcard", direct, trust: trust),
            try seed("no-names", nameless, trust: trust),
            try seed("unknown", server, trust: ThrowawayAuthority(name: "Other").certificatePEM),
            try seed("lists", server, trust: trust, lists: lists),
            try seed("both-trusted", server, trust: trust + issuing.certificatePEM, lists: lists),
            try seed("revoked", direct, trust: trust, lists: root.revocationListPEM(revoking: [direct])),
            try seed(
                "revoked-by-delta", direct, trust: trust,
                lists: root.revocationListPEM() + root.revocationListPEM(delta)),
            try seed(
                "constrained", constrained.issue(.leaf(named: "p", alternativeNames: "DNS:push.example.com")),
                trust: trust),
        ]
    }

    private static func seed(
        _ name: String, _ server: ThrowawayCertificate, trust: [UInt8], lists: [UInt8] = [], options: UInt8 = 0
    ) throws -> Seed {
        var bytes: [UInt8] = [options]
        for encoded in try der(server.chainPEM) { bytes += CertificateChainInput.item(.shown, encoded) }
        for encoded in try der(trust) { bytes += CertificateChainInput.item(.authority, encoded) }
        for encoded in try der(lists) { bytes += CertificateChainInput.item(.revocationList, encoded) }
        return Seed(name: name, bytes: bytes)
    }

    /// What the blocks of a PEM text hold.
    private static func der(_ pem: [UInt8]) throws -> [[UInt8]] {
        let blocks = String(decoding: pem, as: UTF8.self).split(separator: "-----BEGIN")
        return blocks.compactMap { block in
            let lines = block.split(separator: "\n").dropFirst().prefix { !$0.hasPrefix("-----END") }
            return Data(base64Encoded: lines.joined()).map { [UInt8]($0) }
        }
    }
}
