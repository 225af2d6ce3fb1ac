import MPushModel
import MPushPlatform
import MPushTLS
import MPushTestSupport
import NIOCore
import NIOEmbedded
import Testing

/// Whatever happens to a connection with TLS, and in whatever order: it fails once at most, nothing comes after its end,
/// every write is answered, and a close, or a handshake without an end, closes it in time.
@Suite struct TLSHandlerEndTests {
    @Test func everyOrderOfEventsEndsTheConnection() throws {
        let authorities = try TestAuthorities()
        let contexts = [
            (client: try authorities.client(), server: try authorities.server()),
            // Refused by the client: the wrong name.
            (client: try authorities.client(), server: try authorities.server(names: ["other.example.com"])),
        ]
        var complaints: [String] = []
        var (failures, established, silent) = (0, 0, 0)
        for seed in 0..<1500 as Range<UInt64> {
            let (client, server) = contexts[seed % 4 == 0 ? 1 : 0]
            let course = try TLSCourse(seed: seed, client: client, server: server)
            course.run()
            complaints += course.complaints.map { "seed \(seed): \($0); \(course.events)" }
            failures += course.recorder.failures
            established += course.recorder.isEstablished ? 1 : 0
            silent += course.recorder.failures == 0 ? 1 : 0
        }
        #expect(Array(complaints.prefix(5)) == [])
        // The courses reach what they are to test.
        #expect(failures > 200 && established > 100 && silent > 100, "\(failures), \(established), \(silent)")
    }
}

/// What the handler behind TLS hears; it may close in the middle of it.
private final class EndRecorder: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private(set) var failures = 0
    private(set) var isEstablished = false
    private(set) var inactives = 0
    private(set) var late: [String] = []
    var closesAtNews = false
    var closesAtFailures = true

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is TLSHandshakeCompleted {
            isEstablished = true
            heard("handshake", context)
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) { heard("data", context) }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if error is TLSError { failures += 1 }
        if inactives > 0 { late.append("\(error)") }
        if closesAtFailures { context.close(promise: nil) }
    }

    func channelInactive(context: ChannelHandlerContext) { inactives += 1 }

    private func heard(_ what: String, _ context: ChannelHandlerContext) {
        if inactives > 0 || failures > 0 { late.append(what) }
        if closesAtNews { context.close(promise: nil) }
    }
}

/// A client's handler in memory, a server's engine on the other side, and a seed that does anything in any order.
private final class TLSCourse {
    private static let timeout = Duration.seconds(10)

    let recorder = EndRecorder()
    private(set) var complaints: [String] = []
    private(set) var events: [Int] = []
    private let channel = EmbeddedChannel()
    private let clock = SettableClock(wall: TestAuthorities.year(2030))
    private let tls: TLSHandler
    private let server: TLSEngine
    private var generator: SplitMix64
    private var serverIsOver = false
    private var writes: [EventLoopFuture<Void>] = []

    init(seed: UInt64, client: TLSContext, server: TLSContext) throws {
        generator = SplitMix64(seed: seed)
        tls = try TLSHandler(
            client: client, serverName: "push.example.com", port: 1, sessions: nil, handshakeTimeout: Self.timeout,
            timer: LoopTimer(on: channel.embeddedEventLoop, clock: clock))
        tls.awaitsPeersClose = !seed.isMultiple(of: 3)
        self.server = try TLSEngine(server: server)
        recorder.closesAtNews = Int.random(in: 0..<8, using: &generator) == 0
        recorder.closesAtFailures = Bool.random(using: &generator)
        let isActiveBefore = Bool.random(using: &generator)
        if isActiveBefore { try connect() }
        try channel.pipeline.syncOperations.addHandlers([tls, recorder])
        if !isActiveBefore, Int.random(in: 0..<8, using: &generator) > 0 { try connect() }
    }

    private func connect() throws {
        channel.connect(to: try SocketAddress(unixDomainSocketPath: "/x"), promise: nil)
    }

    func run() {
        for _ in 0..<Int.random(in: 0...12, using: &generator) { step() }
        finish()
    }

    private func step() {
        let event = Int.random(in: 0..<16, using: &generator)
        events.append(event)
        switch event {
        case 0...4: pump()
        case 5: receive(ByteBuffer(string: "HTTP/1.1 400 Bad Request\r\n\r\n"))
        case 6: channel.pipeline.fireErrorCaught(ChannelError.inputClosed)
        case 7: (try? channel.pipeline.syncOperations.context(handler: tls))?.close(promise: nil)
        case 8: channel.close(promise: nil)
        case 9:
            channel.close(promise: nil)
            channel.close(promise: nil)
        case 10: channel.close(mode: .output, promise: nil)
        case 11: write(ByteBuffer(string: "x"), flushing: Bool.random(using: &generator))
        case 12:
            let isHuge = Int.random(in: 0..<4, using: &generator) == 0
            write(ByteBuffer(repeating: 0x61, count: isHuge ? (1 << 20) + 1 : 20_000), flushing: true)
        case 13:
            clock.advance(by: .milliseconds(Int64.random(in: 1...6000, using: &generator)))
            channel.embeddedEventLoop.run()
        case 14: serverSays { engine in engine.closeNotify() }
        default: serverSays { engine in try? engine.write(ByteBuffer(string: "data")) }
        }
    }

    private func write(_ bytes: ByteBuffer, flushing: Bool) {
        writes.append(flushing ? channel.writeAndFlush(bytes) : channel.write(bytes))
    }

    /// Once all is said: the close in good order has its time, and so has a handshake.
    private func finish() {
        if recorder.isEstablished || !channel.isActive { channel.close(promise: nil) }
        channel.embeddedEventLoop.run()
        if !tls.awaitsPeersClose, recorder.isEstablished, recorder.failures == 0, channel.isActive {
            complaints.append("a silent peer is waited for")
        }
        for limit in [Self.timeout, TLSHandler.closeTimeout] {
            clock.advance(by: limit)
            channel.embeddedEventLoop.run()
        }
        channel.embeddedEventLoop.run()
        if channel.isActive {
            complaints.append("still active")
            (try? channel.pipeline.syncOperations.context(handler: tls))?.close(promise: nil)
        }
        if recorder.failures > 1 { complaints.append("\(recorder.failures) failures") }
        if recorder.inactives > 1 { complaints.append("\(recorder.inactives) times inactive") }
        if !recorder.late.isEmpty { complaints.append("after the end: \(recorder.late)") }
        var answered = 0
        for write in writes { write.assumeIsolated().whenComplete { _ in answered += 1 } }
        channel.embeddedEventLoop.run()
        if answered != writes.count { complaints.append("\(writes.count - answered) writes without an answer") }
        _ = try? channel.finish(acceptAlreadyClosed: true)
    }

    // MARK: - The server

    /// Hands bytes to and fro once.
    private func pump() {
        while let bytes = try? channel.readOutbound(as: ByteBuffer.self) {
            if !serverIsOver { server.receive(bytes) }
        }
        advanceServer()
        if let output = server.takeOutput() { receive(output) }
    }

    private func advanceServer() {
        guard !serverIsOver else { return }
        do throws(TLSError) {
            if !server.isEstablished { _ = try server.handshake() }
            var plaintext = ByteBuffer()
            while server.isEstablished, try server.read(into: &plaintext) == .hasMore { plaintext.clear() }
        } catch {
            serverIsOver = true
        }
    }

    private func serverSays(_ work: (TLSEngine) -> Void) {
        guard server.isEstablished, !serverIsOver else { return }
        work(server)
        if let output = server.takeOutput() { receive(output) }
    }

    private func receive(_ bytes: ByteBuffer) {
        guard channel.isActive else { return }
        channel.pipeline.fireChannelRead(bytes)
        channel.pipeline.fireChannelReadComplete()
    }
}
