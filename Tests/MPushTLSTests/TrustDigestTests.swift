import MPushModel
import Testing

@testable import MPushTLS

/// Sessions and connections are kept only under the same trust: everything that decides it is in the digest, also what will
/// be added to the settings.
@Suite struct TrustDigestTests {
    struct Change: Sendable, CustomTestStringConvertible {
        let property: String
        let apply: @Sendable (inout TLSClientSettings) -> Void

        var testDescription: String { property }
    }

    private static let pin = try? PublicKeyPin(parsing: "sha256/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")

    static let ofServer = [
        Change(property: "authorities") { $0.authorities = .pem([1]) },
        Change(property: "revocationListsPEM") { $0.revocationListsPEM = [1] },
        Change(property: "pins") { $0.pins = [pin].compactMap(\.self) },
        Change(property: "minimumVersion") { $0.minimumVersion = .tls13 },
        Change(property: "requiresForwardSecrecy") { $0.requiresForwardSecrecy = false },
    ]
    /// What is shown to the server, and whether sessions are kept, decides a handshake, but not whom we trust.
    static let ofClient = [
        Change(property: "identity") { $0.identity = TLSIdentity(certificateChainPEM: [1], keyPEM: SecretBytes([1])) },
        Change(property: "resumesSessions") { $0.resumesSessions = false },
    ]

    @Test(arguments: ofServer)
    func eachSettingThatDecidesTrustChangesIt(change: Change) {
        var settings = TLSClientSettings()
        change.apply(&settings)
        #expect(TLSTrustDigest(of: settings) != TLSTrustDigest(of: TLSClientSettings()))
        #expect(TLSTrustDigest(ofServer: settings) != TLSTrustDigest(ofServer: TLSClientSettings()))
    }

    @Test(arguments: ofClient)
    func whatIsShownChangesTheHandshakeAlone(change: Change) {
        var settings = TLSClientSettings()
        change.apply(&settings)
        #expect(TLSTrustDigest(of: settings) != TLSTrustDigest(of: TLSClientSettings()))
        #expect(TLSTrustDigest(ofServer: settings) == TLSTrustDigest(ofServer: TLSClientSettings()))
    }

    @Test func noSettingIsForgotten() {
        let all = Set(Mirror(reflecting: TLSClientSettings()).children.compactMap(\.label))
        let known = Set((Self.ofServer + Self.ofClient).map(\.property))
        #expect(all == known)
    }
}
