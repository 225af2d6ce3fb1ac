import MPushModel
import MPushSimulator
import MPushTLS
import MPushTestSupport
import NIOCore
import Testing

/// Against a server that is not ours.
@Suite struct OpenSSLServerTests {
    private let authorities: TestAuthorities
    private let certificate: ThrowawayCertificate
    private let loopback = Loopback()

    init() throws {
        authorities = try TestAuthorities()
        certificate = try authorities.root.issueAuthority(name: "Issuing CA").issue(names: ["push.example.com"])
    }

    private func talk(
        _ client: TLSContext, _ server: OpenSSLServer, sessions: TLSSessionCache? = nil
    ) throws -> ConnectionRecorder.Record {
        let connection = try loopback.connect(client, port: server.port, sessions: sessions, .closeAfter(6))
        connection.channel.writeAndFlush(ByteBuffer(string: "hello\n"), promise: nil)
        return try connection.ended.wait()
    }

    @Test(arguments: [("-tls1_3", "TLS 1.3"), ("-tls1_2", "TLS 1.2")])
    func talksAndResumes(option: String, version: String) throws {
        let server = try OpenSSLServer(certificate, [option])
        let sessions = TLSSessionCache(clock: SettableClock(wall: TestAuthorities.year(2040)))
        let client = try authorities.client()
        for isResumed in [false, true, true] {
            let record = try talk(client, server, sessions: sessions)
            #expect(record.received == ByteBuffer(string: "olleh\n"))
            #expect(record.info?.version == version)
            #expect(record.info?.isResumed == isResumed)
        }
    }

    @Test(arguments: ["-tls1_3", "-tls1_2"])
    func showsItsCertificateOrSaysThatItHasNone(option: String) throws {
        let server = try OpenSSLServer(certificate, clientAuthority: authorities.root, [option])
        let identity = try authorities.root.issue(names: ["alice"]).identity
        #expect(
            try talk(authorities.client { $0.identity = identity }, server).received == ByteBuffer(string: "olleh\n"))
        #expect(try talk(authorities.client(), server).failures.map(\.code) == ["client-certificate-refused"])
        let wrong = try TestAuthorities().root.issue(names: ["mallory"]).identity
        let refused = try talk(authorities.client { $0.identity = wrong }, server)
        #expect(refused.failures.map(\.code) == ["client-certificate-refused"])
    }

    @Test func refusesTLS11() throws {
        let server = try OpenSSLServer(certificate, ["-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0"])
        #expect(try talk(authorities.client(), server).failures.map(\.code) == ["protocol-version"])
    }
}
