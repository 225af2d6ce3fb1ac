import MPushFuzzing
import MPushModel
import MPushSimulator

/// Files of certificates, keys and revocation lists, good and odd.
enum PEMFileSeeds {
    static func all() throws -> [Seed] {
        let past = ThrowawayAuthority.defaultValidity.lowerBound
        let root = try ThrowawayAuthority(name: "Root")
        let old = try ThrowawayAuthority(name: "Old", validity: past...past)
        let leaf = try root.issueAuthority(name: "Issuing").issue(names: ["push.example.com"])
        let list = try root.revocationListPEM(revoking: [leaf])
        var delta = RevocationListTemplate()
        delta.extensions = [.init("deltaCRL", "critical,DER:02:01:01"), .init("crlNumber", "DER:02:01:02")]
        let key = leaf.keyPEM.exposed
        let text = String(decoding: root.certificatePEM, as: UTF8.self)
        let files: [String: [UInt8]] = [
            "authority": root.certificatePEM,
            "ended": old.certificatePEM,
            "identity": leaf.chainPEM + key,
            "key-first": key + leaf.chainPEM,
            "list": list,
            "lists": try list + root.revocationListPEM(delta) + root.revocationListPEM(validity: past...past),
            "byte-order-mark": [0xEF, 0xBB, 0xBF] + root.certificatePEM,
            "indented": [0x20] + root.certificatePEM,
            "carriage-returns": Array(text.replacing("\n", with: "\r\n").utf8),
            "trusted": Array(text.replacing("CERTIFICATE", with: "TRUSTED CERTIFICATE").utf8),
            "encrypted": Array(
                "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMAA=\n-----END ENCRYPTED PRIVATE KEY-----\n".utf8),
            "headers": Array(
                text.replacing("-\nM", with: "-\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\nM").utf8),
            "no-end": Array(root.certificatePEM.prefix(200)),
            "empty": [],
        ]
        return files.map { Seed(name: $0, bytes: $1) }
    }
}
