import MPushModel
import MPushSimulator
import MPushTLS
import MPushTestSupport
import NIOCore
import Testing

@Suite struct TLSResumptionTests {
    private let authorities: TestAuthorities
    private let loopback = Loopback()
    private let sessions = TLSSessionCache(clock: SettableClock(wall: TestAuthorities.year(2040)))

    init() throws {
        authorities = try TestAuthorities()
    }

    /// Connects, exchanges five bytes (the tickets of TLS 1.3 come before them), and ends.
    private func connect(
        _ client: TLSContext, name: String = "push.example.com", port: Int, sessionPort: Int? = nil,
        _ behaviour: ConnectionRecorder.Behaviour = .closeAfter(5)
    ) throws -> TLSConnectionInfo? {
        let connection = try loopback.connect(
            client, name: name, port: port, sessionPort: sessionPort, sessions: sessions, behaviour)
        connection.channel.writeAndFlush(ByteBuffer(string: "hello"), promise: nil)
        return try connection.ended.wait().info
    }

    @Test(arguments: [TLSVersion.tls12, .tls13])
    func resumesASession(version: TLSVersion) throws {
        let port = try loopback.serve(authorities.server { $0.versions = version...version }, .echo)
        let client = try authorities.client()
        let first = try #require(try connect(client, port: port))
        #expect(!first.isResumed)
        let second = try #require(try connect(client, port: port))
        #expect(second.isResumed)
        #expect(second.version == version.rawValue)
        #expect(second.peer == first.peer)
        #expect(try connect(client, port: port)?.isResumed == true)
    }

    @Test(arguments: [TLSVersion.tls12, .tls13])
    func resumesAfterAnAbruptEnd(version: TLSVersion) throws {
        let port = try loopback.serve(authorities.server { $0.versions = version...version }, .echo)
        let client = try authorities.client()
        _ = try connect(client, port: port, .vanishAfter(5))
        #expect(try connect(client, port: port)?.isResumed == true)
    }

    @Test func resumesWithAClientCertificate() throws {
        let identity = try authorities.root.issue(names: ["alice"]).identity
        let server = try authorities.server { $0.clientAuthoritiesPEM = authorities.root.certificatePEM }
        let port = try loopback.serve(server, .echo)
        let client = try authorities.client { $0.identity = identity }
        _ = try connect(client, port: port)
        #expect(try connect(client, port: port)?.isResumed == true)
        let anonymous = try authorities.client()
        let record = try loopback.connect(anonymous, port: port, sessions: sessions, .listen).ended.wait()
        #expect(record.failures.map(\.code) == ["client-certificate-refused"])
    }

    /// The trap: the server would resume any of its sessions, and a resumed handshake checks neither name nor chain.
    @Test func offersASessionOnlyWhereItsChecksWouldComeOutTheSame() throws {
        let port = try loopback.serve(authorities.server(names: ["push.example.com", "other.example.com"]), .echo)
        let client = try authorities.client()
        func isResumed(_ client: TLSContext, name: String = "push.example.com", port sessionPort: Int? = nil) throws
            -> Bool
        {
            sessions.removeAll()
            _ = try connect(try authorities.client(), port: port)
            #expect(sessions.count > 0)
            return try #require(try connect(client, name: name, port: port, sessionPort: sessionPort)).isResumed
        }
        #expect(try isResumed(client))
        #expect(try isResumed(authorities.client()))
        #expect(try isResumed(client, name: "PUSH.EXAMPLE.COM."))
        #expect(try !isResumed(client, name: "other.example.com"))
        #expect(try !isResumed(client, port: 1))
        let more = authorities.root.certificatePEM + (try TestAuthorities().root.certificatePEM)
        #expect(try !isResumed(authorities.client { $0.authorities = .pem(more) }))
        #expect(try !isResumed(authorities.client { $0.minimumVersion = .tls13 }))
        #expect(try !isResumed(authorities.client { $0.revocationListsPEM = try authorities.root.revocationListPEM() }))
        #expect(try !isResumed(authorities.client { $0.identity = try authorities.root.issue(names: ["a"]).identity }))
        #expect(try !isResumed(authorities.client { $0.resumesSessions = false }))
    }

    @Test func aWrongHostIsRefusedEvenWithASessionAtHand() throws {
        let port = try loopback.serve(authorities.server(), .echo)
        let client = try authorities.client()
        _ = try connect(client, port: port)
        let record = try loopback.connect(
            client, name: "wrong.example.com", port: port, sessions: sessions, .listen
        ).ended.wait()
        #expect(record.failures.map(\.code) == ["wrong-host"])
    }

    @Test func aServerWithoutTicketsIsNotResumed() throws {
        let port = try loopback.serve(authorities.server { $0.givesSessionTickets = false }, .echo)
        let client = try authorities.client()
        _ = try connect(client, port: port)
        #expect(sessions.count == 0)
        #expect(try connect(client, port: port)?.isResumed == false)
    }

    /// Whoever knows how to offer a session beside the cache still meets the pins.
    @Test func pinsAreCheckedOnResumptionToo() throws {
        let server = try authorities.server()
        var kept: [TLSSession] = []
        let first = try EnginePair(client: authorities.client(), server: server) { kept.append($0) }
        first.run()
        let session = try #require(kept.last)
        let resumed = try EnginePair(client: authorities.client(), server: server, session: session)
        resumed.run()
        #expect(resumed.clientInfo?.isResumed == true)
        let pinned = try authorities.client {
            $0.pins = [try PublicKeyPin(parsing: "sha256/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")]
        }
        let refused = try EnginePair(client: pinned, server: server, session: kept[0])
        refused.run()
        #expect(refused.clientFailure?.code == "no-pin-matched")
    }
}
