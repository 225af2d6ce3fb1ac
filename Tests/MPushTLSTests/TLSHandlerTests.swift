import MPushModel
import MPushSimulator
import MPushTLS
import NIOCore
import Testing

@Suite struct TLSHandlerTests {
    private let authorities: TestAuthorities
    private let loopback = Loopback()

    init() throws {
        authorities = try TestAuthorities()
    }

    @Test(arguments: ["push.example.com", "127.0.0.1"])
    func connectsByNameAndByAddress(name: String) throws {
        let port = try loopback.serve(authorities.server(names: ["push.example.com", "127.0.0.1"]), .echo)
        let client = try loopback.connect(authorities.client(), name: name, port: port, .closeAfter(5))
        try client.channel.writeAndFlush(ByteBuffer(string: "hello")).wait()
        let record = try client.ended.wait()
        #expect(record.info?.version == "TLS 1.3")
        #expect(record.received == ByteBuffer(string: "hello"))
        #expect(record.order == ["handshake", "data", "inactive"])
    }

    @Test func deliversWhatWasSentRightBeforeTheClose() throws {
        let sent = ByteBuffer(bytes: (0..<1_000_000).map { UInt8(truncatingIfNeeded: $0 &* 7) })
        let port = try loopback.serve(authorities.server(), .sendAndClose(sent))
        let record = try loopback.connect(authorities.client(), port: port, .listen).ended.wait()
        #expect(record.received == sent)
        #expect(record.order == ["handshake", "data", "inactive"])
    }

    /// The server's tickets lie unread in the client's socket when it closes: without the wait for the peer's end, the
    /// socket would reset the connection, and the server lose what was sent.
    @Test func aClientThatSendsAndClosesLosesNothing() throws {
        let sent = ByteBuffer(repeating: 0x61, count: 300_000)
        let records = Records()
        let port = try loopback.serve(authorities.server(), .listen, records: records)
        _ = try loopback.connect(authorities.client(), port: port, .sendAndClose(sent)).ended.wait()
        #expect(try records.wait(0)?.received == sent)
    }

    @Test func echoesTenMegabytesInWritesOfAllSizes() throws {
        let total = 10_000_000
        var random = SplitMix64(seed: 42)
        var sent = ByteBuffer()
        var pieces: [(piece: ByteBuffer, isFlush: Bool)] = []
        while sent.writerIndex < total {
            let count = min(1 + Int(random.next() % 40_000), total - sent.writerIndex)
            let piece = ByteBuffer(bytes: (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) })
            sent.writeImmutableBuffer(piece)
            pieces.append((piece, random.next() % 3 == 0))
        }
        // The time of the connection begins now: what is sent took long to make.
        let port = try loopback.serve(authorities.server(), .echo)
        let client = try loopback.connect(authorities.client(), port: port, .closeAfter(total))
        // So much cannot be written before the handshake is done.
        _ = try client.established.wait()
        for (piece, isFlush) in pieces {
            if isFlush {
                client.channel.writeAndFlush(piece, promise: nil)
            } else {
                client.channel.write(piece, promise: nil)
            }
        }
        client.channel.flush()
        let record = try client.ended.wait()
        #expect(record.received.readableBytes == total, "\(record.failures) \(record.otherErrors) \(record.order)")
        #expect(record.received == sent)
    }

    @Test func keepsThePromisesOfJoinedWrites() throws {
        let port = try loopback.serve(authorities.server(), .echo)
        let client = try loopback.connect(authorities.client(), port: port, .closeAfter(6))
        let first = client.channel.write(ByteBuffer(string: "abc"))
        let second = client.channel.write(ByteBuffer(string: "def"))
        client.channel.flush()
        try first.and(second).map { _ in }.wait()
        #expect(try client.ended.wait().received == ByteBuffer(string: "abcdef"))
    }

    @Test func firesAFailureOnceAndCloses() throws {
        let port = try loopback.serve(authorities.server(names: ["other.example.com"]), .echo)
        let record = try loopback.connect(authorities.client(), port: port, .listen).ended.wait()
        #expect(record.order == ["failure", "inactive"])
        #expect(record.failures.map(\.code) == ["wrong-host"])
    }

    @Test func tellsTheServerOfItsRefusal() throws {
        let records = Records()
        let port = try loopback.serve(TestAuthorities().server(), .echo, records: records)
        let record = try loopback.connect(authorities.client(), port: port, .listen).ended.wait()
        #expect(record.failures.map(\.code) == ["unknown-authority"])
        #expect(try records.wait(0)?.failures == [.other(detail: "the peer gave up: tlsv1 alert unknown ca")])
    }

    @Test(arguments: [TLSVersion.tls12, .tls13])
    func reportsARefusedClientCertificate(version: TLSVersion) throws {
        let server = try authorities.server {
            $0.versions = version...version
            $0.clientAuthoritiesPEM = authorities.root.certificatePEM
        }
        let port = try loopback.serve(server, .echo)
        let client = try loopback.connect(authorities.client(), port: port, .listen)
        client.channel.writeAndFlush(ByteBuffer(string: "too early"), promise: nil)
        #expect(try client.ended.wait().failures.map(\.code) == ["client-certificate-refused"])
        let identity = try authorities.root.issue(names: ["alice"]).identity
        let good = try loopback.connect(authorities.client { $0.identity = identity }, port: port, .closeAfter(5))
        good.channel.writeAndFlush(ByteBuffer(string: "hello"), promise: nil)
        #expect(try good.ended.wait().received == ByteBuffer(string: "hello"))
    }

    @Test func givesUpOnAPeerThatStalls() throws {
        let port = try loopback.listen { _ in }
        let record = try loopback.connect(
            authorities.client(), port: port, timeout: .milliseconds(50), .listen
        ).ended.wait()
        #expect(record.failures == [.timedOut(after: .milliseconds(50))])
    }

    @Test func givesUpOnAClientThatStalls() throws {
        let records = Records()
        let port = try loopback.serve(authorities.server(), .echo, timeout: .milliseconds(50), records: records)
        let client = try loopback.connectPlain(port: port)
        try client.closeFuture.wait()
        #expect(try records.wait(0)?.failures == [.timedOut(after: .milliseconds(50))])
    }

    @Test func reportsAPeerThatClosesInTheHandshake() throws {
        let port = try loopback.listen { channel in channel.close(promise: nil) }
        let record = try loopback.connect(authorities.client(), port: port, .listen).ended.wait()
        #expect(record.failures.map(\.code) == ["peer-closed"])
        #expect(record.order == ["failure", "inactive"])
    }

    @Test func namesAPeerThatDoesNotSpeakTLS() throws {
        let port = try loopback.listen { channel in
            channel.writeAndFlush(ByteBuffer(string: "HTTP/1.1 400 Bad Request\r\n\r\n"), promise: nil)
        }
        let record = try loopback.connect(authorities.client(), port: port, .listen).ended.wait()
        #expect(
            record.failures
                == [.protocolVersion(detail: "the peer does not speak TLS: it began with \"HTTP/1.1\"")])
    }

    @Test func boundsWhatWaitsForTheHandshake() throws {
        let port = try loopback.listen { _ in }
        let client = try loopback.connect(authorities.client(), port: port, .listen)
        let written = client.channel.write(
            ByteBuffer(repeating: 0, count: TLSHandler.mostBytesBeforeHandshake + 1))
        #expect(throws: TLSError.self) { try written.wait() }
        #expect(try client.ended.wait().failures.map(\.code) == ["other"])
    }

    @Test func aCloseInTheHandshakeIsNoFailure() throws {
        let port = try loopback.listen { _ in }
        let client = try loopback.connect(authorities.client(), port: port, .listen)
        try client.channel.close().wait()
        #expect(try client.ended.wait().failures.isEmpty)
    }
}
