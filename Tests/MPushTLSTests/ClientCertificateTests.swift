import MPushModel
import MPushSimulator
import MPushTLS
import Testing

@Suite struct ClientCertificateTests {
    private let authorities: TestAuthorities
    private let clientAuthority: ThrowawayAuthority

    init() throws {
        authorities = try TestAuthorities()
        clientAuthority = try ThrowawayAuthority(name: "Client CA")
    }

    private func pair(_ versions: ClosedRange<TLSVersion>, client: TLSContext) throws -> EnginePair {
        let server = try authorities.server {
            $0.clientAuthoritiesPEM = clientAuthority.certificatePEM
            $0.versions = versions
        }
        let pair = try EnginePair(client: client, server: server)
        pair.run()
        return pair
    }

    @Test(arguments: [TLSVersion.tls12, .tls13])
    func showsItsCertificateWhenAsked(version: TLSVersion) throws {
        let certificate = try clientAuthority.issue(names: ["alice"])
        let pair = try pair(version...version, client: authorities.client { $0.identity = certificate.identity })
        #expect(pair.clientInfo != nil)
        #expect(pair.serverInfo?.peer?.subject == "CN=alice")
    }

    @Test(arguments: [TLSVersion.tls12, .tls13])
    func saysThatOneIsMissing(version: TLSVersion) throws {
        let pair = try pair(version...version, client: authorities.client())
        guard case .clientCertificateRefused(let detail) = pair.clientFailure else {
            Issue.record("\(String(describing: pair.clientFailure))")
            return
        }
        #expect(detail.hasPrefix("none is configured"))
        #expect(pair.serverFailure == .badCertificate(detail: "the client gave no certificate"))
    }

    @Test(arguments: [TLSVersion.tls12, .tls13])
    func saysThatItsOwnWasRefused(version: TLSVersion) throws {
        let certificate = try ThrowawayAuthority(name: "Other CA").issue(names: ["mallory"])
        let pair = try pair(version...version, client: authorities.client { $0.identity = certificate.identity })
        guard case .clientCertificateRefused = pair.clientFailure else {
            Issue.record("\(String(describing: pair.clientFailure))")
            return
        }
        guard case .unknownAuthority = pair.serverFailure else {
            Issue.record("\(String(describing: pair.serverFailure))")
            return
        }
    }

    @Test func takesSilenceAfterTheQuestionForARefusal() throws {
        let server = try authorities.server { $0.clientAuthoritiesPEM = clientAuthority.certificatePEM }
        let client = try TLSEngine(client: authorities.client(), peer: TLSPeerName("push.example.com"))
        let peer = try TLSEngine(server: server)
        _ = try client.handshake()
        peer.receive(try #require(client.takeOutput()))
        _ = try peer.handshake()
        client.receive(try #require(peer.takeOutput()))
        _ = try client.handshake()
        #expect(client.isEstablished)
        guard case .clientCertificateRefused = client.failureAtEnd else {
            Issue.record("\(String(describing: client.failureAtEnd))")
            return
        }
    }
}
