import Glibc
import MPushModel
import MPushPlatform
import MPushSimulator
import MPushTLS
import MPushWorld
import NIOCore
import Testing

@Suite struct ConnectionTests {
    private static func bytes(_ count: Int) -> ByteBuffer {
        let random = WorldRandom(seed: 9)
        return ByteBuffer(bytes: (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) })
    }

    @Test(arguments: 1...5 as ClosedRange<UInt64>)
    func bytesComeBackInAnyPieces(seed: UInt64) throws {
        let stage = try Stage(seed: seed)
        try stage.listen { $0.echoes = true }
        let client = try stage.connect()
        let sent = Self.bytes(300_000)
        var rest = sent
        while let piece = rest.readSlice(length: min(rest.readableBytes, 1 + stage.random.below(9000))),
            piece.readableBytes > 0
        { client.send(piece) }
        #expect(stage.run { client.received.readableBytes == sent.readableBytes })
        #expect(client.received == sent && stage.accepted[0].received == sent)
        #expect(client.pieces.contains { $0 < 10 } && client.pieces.contains { $0 > 1500 })
        client.channel?.close(promise: nil)
        #expect(stage.run { stage.accepted[0].isClosed && client.isClosed })
        #expect(stage.accepted[0].order == ["registered", "active", "read", "inactive", "unregistered"])
        stage.scheduler.run(for: .seconds(1))
        #expect(stage.client.host.socketCount == 0 && stage.server.host.socketCount == 1)
    }

    @Test func certificatesAreJudgedByTheMachinesOwnClock() throws {
        let authority = try ThrowawayAuthority()
        let server = TLSServerSettings(identity: try authority.issue(names: ["push.example.com"]).identity)
        var settings = TLSClientSettings()
        settings.authorities = .pem(authority.certificatePEM)
        let stage = try Stage(wall: WorldClock.epoch)
        try stage.listen(tls: TLSContext(server: server))
        let client = try stage.connect(tls: TLSContext(client: settings))
        #expect(stage.run { client.isClosed })
        guard case .notYetValid? = (client.errors.first as? TLSError)?.failure else {
            Issue.record("in 1970: \(client.errors)")
            return
        }
    }

    @Test(arguments: [TLSVersion.tls12, .tls13])
    func tlsRunsOverIt(version: TLSVersion) throws {
        let authority = try ThrowawayAuthority(name: "Example CA")
        var serverSettings = TLSServerSettings(identity: try authority.issue(names: ["push.example.com"]).identity)
        serverSettings.versions = version...version
        var clientSettings = TLSClientSettings()
        clientSettings.authorities = .pem(authority.certificatePEM)
        let stage = try Stage()
        let day = WallTime(millisecondsSince1970: 1_790_000_000_000)
        stage.client.clock.setWall(day)
        stage.server.clock.setWall(day)
        try stage.listen(tls: TLSContext(server: serverSettings)) { $0.echoes = true }
        let client = try stage.connect(tls: TLSContext(client: clientSettings))
        let sent = Self.bytes(200_000)
        client.send(sent)
        #expect(stage.run { client.received.readableBytes == sent.readableBytes }, "\(client.errors)")
        #expect(client.received == sent)
        client.channel?.close(promise: nil)
        #expect(stage.run { stage.accepted[0].isClosed && client.isClosed })
        #expect(stage.accepted[0].errors.isEmpty)
    }

    @Test func aSimulatorRunsOnIt() throws {
        let stage = try Stage()
        var configuration = SimulatorConfiguration(transport: .plaintext)
        configuration.network = stage.server.host
        let simulator = try Simulator(configuration, clock: stage.server.clock, on: stage.server.loop)
        let address = try simulator.listen(host: Stage.serverIP, port: 3000).isDone(in: stage.scheduler)
        let allocator = try simulator.startAllocator(host: Stage.serverIP, port: 0).isDone(in: stage.scheduler)
        let question = try stage.connect(to: allocator)
        question.send("GET / HTTP/1.1\r\n\r\n")
        #expect(stage.run { question.isClosed })
        #expect(question.text.hasSuffix("\r\n\r\n\(Stage.serverIP):3000"))
        let client = try stage.connect(to: address)
        // One byte is a heartbeat.
        client.send(ByteBuffer(bytes: [0xCB]))
        #expect(stage.run(upTo: .seconds(600)) { client.isClosed })
        #expect(try simulator.statistics().isDone(in: stage.scheduler).connectionsEver == 1)
        try simulator.shutDown().isDone(in: stage.scheduler)
        #expect(stage.refusal(to: address) == ECONNREFUSED)
    }

    @Test func aServerResetsWhereItIsToldTo() throws {
        let stage = try Stage()
        try stage.listen { watcher in
            watcher.onActive = { channel in
                let provider = channel as? any SocketOptionProvider
                provider?.setSoLinger(linger(l_onoff: 1, l_linger: 0)).whenFailure { _ in }
                channel.close(promise: nil)
            }
        }
        let client = try stage.connect()
        #expect(stage.run { client.isClosed })
        #expect(client.errno == ECONNRESET && client.order == ["error", "inactive", "unregistered"])
    }

    // MARK: - Reading

    @Test func nothingIsReadBeforeItIsAskedFor() throws {
        let stage = try Stage()
        try stage.listen { watcher in watcher.onActive = { $0.writeAndFlush(ByteBuffer(string: "hello"), promise: nil) }
        }
        stage.network.cuts = 0
        let client = try stage.connect(reads: false)
        stage.scheduler.run(for: .seconds(30))
        #expect(client.received.readableBytes == 0)
        client.channel?.read()
        stage.scheduler.run(for: .seconds(1))
        #expect(client.text == "hello")
        stage.accepted[0].send("again")
        stage.scheduler.run(for: .seconds(1))
        #expect(client.text == "hello")
        client.channel?.setOption(ChannelOptions.autoRead, value: true).whenFailure { _ in }
        stage.scheduler.run(for: .seconds(1))
        #expect(client.text == "helloagain")
    }

    /// As NIOPosix does, which hears of the end from the kernel and reads up to it.
    @Test func theEndIsReadWithoutBeingAskedFor() throws {
        let stage = try Stage()
        try stage.listen { watcher in
            watcher.onActive = { channel in
                channel.writeAndFlush(ByteBuffer(string: "bye"), promise: nil)
                channel.close(promise: nil)
            }
        }
        let client = try stage.connect(reads: false)
        #expect(stage.run { client.isClosed })
        #expect(client.text == "bye" && client.errors.isEmpty)
    }

    @Test func oneSideCloses() throws {
        let stage = try Stage()
        try stage.listen { watcher in
            watcher.onActive = {
                $0.setOption(ChannelOptions.allowRemoteHalfClosure, value: true).whenFailure { _ in }
            }
        }
        let client = try stage.connect()
        client.send("question")
        client.channel?.close(mode: .output, promise: nil)
        #expect(stage.run { stage.accepted.first?.order.last == "inputClosed" })
        #expect(stage.accepted[0].text == "question" && client.order == ["outputClosed"])
        stage.scheduler.run(for: .seconds(100))
        stage.accepted[0].send("answer")
        stage.accepted[0].channel?.close(mode: .output, promise: nil)
        #expect(stage.run { client.isClosed && stage.accepted[0].isClosed })
        #expect(client.text == "answer")
    }

    // MARK: - Writing

    @Test func aPeerThatDoesNotReadStallsTheWriter() throws {
        let stage = try Stage()
        try stage.listen { watcher in
            watcher.onActive = { $0.setOption(ChannelOptions.autoRead, value: false).whenFailure { _ in } }
        }
        let client = try stage.connect(userTimeout: .seconds(10_000))
        let sent = Self.bytes(1_000_000)
        let written = client.channel?.writeAndFlush(sent)
        var isWritten = false
        written?.assumeIsolated().whenSuccess { isWritten = true }
        stage.scheduler.run(for: .seconds(600))
        #expect(!isWritten && client.writability == [false])
        #expect(try client.channel?.syncOptions?.getOption(ChannelOptions.bufferedWritableBytes) ?? 0 > 700_000)
        let listened = stage.accepted[0]
        listened.channel?.setOption(ChannelOptions.autoRead, value: true).whenFailure { _ in }
        #expect(stage.run { listened.received.readableBytes == sent.readableBytes })
        #expect(listened.received == sent && isWritten && client.writability == [false, true])
    }

    /// The peer answers all the time that it takes nothing; TCP_USER_TIMEOUT counts that as well (tcp_probe_timer).
    @Test func aPeerThatNeverReadsIsGivenUp() throws {
        let stage = try Stage()
        try stage.listen { watcher in
            watcher.onActive = { $0.setOption(ChannelOptions.autoRead, value: false).whenFailure { _ in } }
        }
        let client = try stage.connect(userTimeout: .seconds(30))
        client.send(Self.bytes(1_000_000))
        #expect(stage.run(upTo: .seconds(100)) { client.isClosed })
        #expect(client.errno == ETIMEDOUT && (30...40).contains(stage.scheduler.elapsed.components.seconds))
    }

    @Test func aSlowLinkTakesItsTime() throws {
        let stage = try Stage()
        stage.network.usualWay = WorldLink.Way(latency: .milliseconds(100), jitter: .zero, bytesPerSecond: 10_000)
        try stage.listen()
        let client = try stage.connect(userTimeout: .seconds(1000))
        #expect(stage.scheduler.elapsed > .milliseconds(200) && stage.scheduler.elapsed < .milliseconds(250))
        client.send(Self.bytes(100_000))
        #expect(stage.run(upTo: .seconds(100)) { stage.accepted.first?.received.readableBytes == 100_000 })
        #expect((10...13).contains(stage.scheduler.elapsed.components.seconds))
    }

    @Test func promisesOfAClosedConnectionFail() throws {
        let stage = try Stage()
        try stage.listen()
        let client = try stage.connect()
        var results: [Bool] = []
        for _ in 0..<2 {
            client.channel?.write(Self.bytes(10)).assumeIsolated().whenComplete { result in
                if case .failure = result { results.append(false) } else { results.append(true) }
            }
        }
        client.channel?.close(promise: nil)
        #expect(results == [false, false])
        #expect(throws: ChannelError.alreadyClosed) { try client.channel?.close().wait() }
        #expect(throws: ChannelError.ioOnClosedChannel) { try client.channel?.writeAndFlush(Self.bytes(1)).wait() }
        stage.scheduler.run(for: .seconds(1))
        #expect(client.order == ["inactive", "unregistered"])
    }

    // MARK: - One seed, one course

    private static func course(seed: UInt64) throws -> (hash: UInt64, steps: UInt64) {
        let stage = try Stage(seed: seed)
        try stage.listen { $0.echoes = true }
        let client = try stage.connect()
        for round in 0..<50 {
            client.send(bytes(1 + stage.random.below(3000)))
            if round == 20 { stage.link.setSilent(true) }
            if round == 25 { stage.link.setSilent(false) }
            stage.scheduler.run(for: stage.random.duration(in: .milliseconds(1) ... .seconds(3)))
        }
        return (stage.scheduler.trace.hash, stage.scheduler.steps)
    }

    @Test func aSeedRepeatsItsCourse() throws {
        let first = try Self.course(seed: 3)
        let again = try Self.course(seed: 3)
        #expect(first == again)
        #expect(try Self.course(seed: 4).hash != first.hash)
    }

    @Test func aDayOfHeartbeatsIsFewSteps() throws {
        let stage = try Stage()
        stage.network.cuts = 0
        try stage.listen { $0.echoes = true }
        let client = try stage.connect()
        let steps = stage.scheduler.steps
        for _ in 0..<360 {
            client.send(ByteBuffer(bytes: [0xCB]))
            stage.scheduler.run(for: .seconds(240))
        }
        #expect(client.received.readableBytes == 360)
        #expect(stage.scheduler.steps - steps < 360 * 8)
    }
}
