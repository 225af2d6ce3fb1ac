import MPushModel
import MPushSimulator
import MPushTLS
import NIOCore
import Testing

@Suite struct TLSEngineTests {
    private let authorities: TestAuthorities

    init() throws {
        authorities = try TestAuthorities()
    }

    @Test(arguments: [1, 7, 1000, Int.max])
    func agreesWhateverTheSplitOfTheBytes(step: Int) throws {
        let pair = try EnginePair(client: authorities.client(), server: authorities.server(), step: step)
        pair.run()
        let info = try #require(pair.clientInfo)
        #expect(info.version == "TLS 1.3")
        #expect(info.cipher.hasPrefix("TLS_"))
        #expect(!info.isResumed)
        #expect(info.peer?.subject == "CN=push.example.com")
        #expect(info.peer?.issuer == "CN=Example CA")
        #expect(info.peer?.notAfter == ThrowawayAuthority.defaultValidity.upperBound)
        #expect(pair.serverInfo?.peer == nil)
    }

    @Test(arguments: [1, 5000, Int.max])
    func carriesDataWhateverTheSplitOfTheBytes(step: Int) throws {
        let pair = try EnginePair(client: authorities.client(), server: authorities.server(), step: step)
        pair.run()
        let sent = ByteBuffer(bytes: (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 31) })
        try pair.server.write(sent)
        try pair.client.write(ByteBuffer(string: "ack"))
        pair.run()
        #expect(pair.clientReceived == sent)
        #expect(pair.serverReceived == ByteBuffer(string: "ack"))
    }

    @Test func saysThatThePeerClosed() throws {
        let pair = try EnginePair(client: authorities.client(), server: authorities.server())
        pair.run()
        try pair.server.write(ByteBuffer(string: "last words"))
        pair.server.closeNotify()
        pair.run()
        #expect(pair.clientReceived == ByteBuffer(string: "last words"))
        #expect(pair.clientSawEnd)
    }

    @Test func tellsAnEndInTheHandshakeFromALaterOne() throws {
        let pair = try EnginePair(client: authorities.client(), server: authorities.server())
        #expect(pair.client.failureAtEnd == .peerClosed(detail: "in the handshake"))
        pair.run()
        #expect(pair.client.failureAtEnd == nil)
        #expect(pair.server.failureAtEnd == nil)
    }

    @Test func reportsARecordThatWasTamperedWith() throws {
        let pair = try EnginePair(client: authorities.client(), server: authorities.server())
        pair.run()
        try pair.server.write(ByteBuffer(string: "message"))
        var output = try #require(pair.server.takeOutput())
        let last = output.writerIndex - 1
        let byte: UInt8 = try #require(output.getInteger(at: last))
        output.setInteger(byte ^ 1, at: last)
        pair.client.receive(output)
        pair.run()
        guard case .other = pair.clientFailure else {
            Issue.record("\(String(describing: pair.clientFailure))")
            return
        }
        #expect(pair.clientReceived.readableBytes == 0)
    }

    @Test func refusesAServerOfTLS11Only() throws {
        let server = try authorities.server { $0.versions = .tls11 ... .tls11 }
        let pair = try EnginePair(client: authorities.client(), server: server)
        pair.run()
        guard case .protocolVersion = pair.clientFailure else {
            Issue.record("\(String(describing: pair.clientFailure))")
            return
        }
    }

    @Test func refusesAServerBelowTheConfiguredMinimum() throws {
        let server = try authorities.server { $0.versions = .tls12 ... .tls12 }
        let lenient = try EnginePair(client: authorities.client(), server: server)
        lenient.run()
        #expect(lenient.clientInfo?.version == "TLS 1.2")
        let strict = try EnginePair(client: authorities.client { $0.minimumVersion = .tls13 }, server: server)
        strict.run()
        guard case .protocolVersion = strict.clientFailure else {
            Issue.record("\(String(describing: strict.clientFailure))")
            return
        }
    }

    @Test(arguments: ["HTTP/1.1 400 Bad Request\r\n\r\n", "\u{0}\u{0}\u{0}\u{5}hello", "SSH-2.0-OpenSSH"])
    func namesAPeerThatDoesNotSpeakTLS(answer: String) throws {
        let engine = try TLSEngine(client: authorities.client(), peer: TLSPeerName("push.example.com"))
        #expect(try engine.handshake() == .wantsInput)
        engine.receive(ByteBuffer(string: answer))
        let error = try #require(throws: TLSError.self) { try engine.handshake() }
        guard case .protocolVersion(let detail) = error.failure else {
            Issue.record("\(error)")
            return
        }
        #expect(detail.hasPrefix("the peer does not speak TLS"))
    }

    /// The key exchange of RSA: who has the server's key can read what was recorded.
    @Test func demandsForwardSecrecyUnlessTold() throws {
        let authorities = try TestAuthorities()
        var template = CertificateTemplate.leaf(named: "old", alternativeNames: "DNS:push.example.com")
            .with("keyUsage", "critical,digitalSignature,keyEncipherment")
        template.key = .rsa(bits: 2048)
        let server = try authorities.server(certificate: authorities.root.issue(template)) {
            $0.versions = .tls12 ... .tls12
            $0.cipherList = "AES128-GCM-SHA256"
        }
        let strict = try EnginePair(client: authorities.client(), server: server)
        strict.run()
        guard case .other(let detail) = strict.clientFailure else {
            Issue.record("not refused")
            return
        }
        #expect(detail.contains("tls.forward_secrecy = false"))
        let lenient = try EnginePair(client: authorities.client { $0.requiresForwardSecrecy = false }, server: server)
        lenient.run()
        #expect(lenient.clientInfo?.cipher == "AES128-GCM-SHA256")
    }

    @Test func aGoodbyeInTheHandshakeIsTheEndOfThePeer() throws {
        let authorities = try TestAuthorities()
        let engine = try TLSEngine(client: authorities.client(), peer: TLSPeerName("push.example.com"))
        _ = try engine.handshake()
        // An alert (21) of TLS 1.2 with two bytes: warning, close_notify (RFC 8446 section 6.1).
        engine.receive(ByteBuffer(bytes: [21, 3, 3, 0, 2, 1, 0]))
        let error = #expect(throws: TLSError.self) { try engine.handshake() }
        #expect(error?.failure == .peerClosed(detail: "in the handshake, with a close_notify"))
    }
}
