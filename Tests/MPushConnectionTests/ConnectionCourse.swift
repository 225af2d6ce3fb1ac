import MPushCipher
import MPushModel
import MPushSession
import NIOCore
import NIOEmbedded

@testable import MPushConnection
@testable import MPushPlatform
@testable import MPushTLS

/// Writes down what the driver of a connection says, and does what it is told to in the middle of it.
final class EndObserver: ConnectionObserver {
    private(set) var ends: [LossCause] = []
    /// What was said after the end.
    private(set) var lateWords: [String] = []
    var onSecured: () -> Void = {}
    var onNews: () -> Void = {}
    var onEnd: () -> Void = {}

    func connectionSecured(_ info: TLSConnectionInfo?) {
        heard("secured")
        onSecured()
    }

    func sessionStateChanged() { heard("state") }
    func sessionReported(_ report: SessionReport) { heard("\(report)") }
    func ticketChanged(_ ticket: SessionTicket?) { heard("ticket") }
    func messagesReceived(_ messages: [ReceivedMessage], user: String?) { heard("messages") }
    func requestCompleted(_ token: RequestToken, _ outcome: RequestOutcome) { heard("completed") }

    func connectionEnded(_ cause: LossCause) {
        ends.append(cause)
        onEnd()
    }

    private func heard(_ what: String) {
        guard ends.isEmpty else {
            lateWords.append(what)
            return
        }
        onNews()
    }
}

/// Stands before the driver in the pipeline, and does to it what channels and other handlers can do.
final class BadFront: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    struct Faults: OptionSet {
        let rawValue: Int
        /// A close is never carried out: something before it hangs.
        static let swallowsClose = Faults(rawValue: 1)
        /// As a channel that is closed while it becomes active.
        static let hidesInactive = Faults(rawValue: 2)
        static let failsWrites = Faults(rawValue: 4)
        /// A failed write closes the channel, from within the write.
        static let closesAtWrites = Faults(rawValue: 8)
    }

    var faults: Faults

    init(_ faults: Faults) { self.faults = faults }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if faults.contains(.closesAtWrites) { context.close(promise: nil) }
        guard !faults.isDisjoint(with: [.failsWrites, .closesAtWrites]) else {
            return context.write(data, promise: promise)
        }
        promise?.fail(ChannelError.ioOnClosedChannel)
        context.fireErrorCaught(ChannelError.ioOnClosedChannel)
    }

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        if faults.contains(.swallowsClose) { return }
        context.close(mode: mode, promise: promise)
    }

    func channelInactive(context: ChannelHandlerContext) {
        if !faults.contains(.hidesInactive) { context.fireChannelInactive() }
    }
}

/// A connection in memory, to which a seed does anything in any order.
final class ConnectionCourse {
    private(set) var complaints: [String] = []
    /// What was done, for people.
    private(set) var events: [String] = []
    private let observer = EndObserver()
    private let channel = EmbeddedChannel()
    private let handler: ConnectionHandler
    private let front: BadFront
    private let isSecured: Bool
    private var generator: SplitMix64
    /// The time that the driver is told, ahead of the clock.
    private var now = MachineClock().now
    private var requests: UInt64 = 0

    var ends: [LossCause] { observer.ends }

    private static let keys = [UInt8](repeating: 3, count: CipherKeys.length)

    init(seed: UInt64, timer: LoopTimer, key: RSAPublicKey) throws {
        var generator = SplitMix64(seed: seed)
        isSecured = Bool.random(using: &generator)
        front = BadFront(
            Int.random(in: 0..<2, using: &generator) == 0
                ? [] : BadFront.Faults(rawValue: Int.random(in: 1...15, using: &generator)))
        self.generator = generator
        handler = try ConnectionCourse.handler(
            observer, timer: timer, key: key, isSecured: isSecured, closing: .seconds(5))
        if Int.random(in: 0..<8, using: &self.generator) > 0 {
            channel.connect(to: try SocketAddress(unixDomainSocketPath: "/x"), promise: nil)
        }
        try channel.pipeline.syncOperations.addHandler(front)
        // An end may come from within anything that is told.
        if Int.random(in: 0..<4, using: &self.generator) == 0 {
            observer.onSecured = { [unowned handler] in handler.close(.operatorRequest) }
        }
        if Int.random(in: 0..<8, using: &self.generator) == 0 {
            observer.onNews = { [unowned handler] in handler.close(.operatorRequest) }
        }
        observer.onEnd = { [unowned handler] in
            handler.close(.paused)
            handler.abandon(.paused)
            handler.tell { machine, now in machine.bindRequested(RequestToken(rawValue: 1), at: now) }
        }
    }

    /// A driver whose session is resumed by `answers`.
    static func handler(
        _ observer: EndObserver, timer: LoopTimer, key: RSAPublicKey, isSecured: Bool, closing: Duration
    ) throws -> ConnectionHandler {
        guard let keys = CipherKeys(key: SecretBytes(Self.keys), iv: SecretBytes(Self.keys)) else {
            throw ChannelError.inappropriateOperationForState
        }
        let ticket = SessionTicket(
            sessionID: SecretBytes([0x31]), keys: keys, deviceID: "d", client: "linux\n6\n1", expires: nil)
        let settings = SessionSettings(
            deviceID: "d", osName: "linux", osVersion: "6", clientVersion: "1", minimumHeartbeat: .seconds(180),
            maximumHeartbeat: .seconds(180), health: HealthSettings(pingEvery: nil, confirmation: .seconds(10)),
            handshakeTimeout: .seconds(10), bindTimeout: .seconds(10), requestTimeout: .seconds(10), requestRetries: 0,
            maximumSend: 10_240)
        let machine = SessionStateMachine(
            settings: settings,
            carryover: SessionCarryover(
                binding: UserBinding(
                    configured: SessionIdentity(userID: "alice", tags: [], credential: SecretBytes([])))),
            endpoint: nil, ticket: ticket, secrets: try HandshakeSecrets.random())
        return ConnectionHandler(
            machine: machine,
            codec: PacketCodec(
                serverKey: key, maximumBody: 1 << 16, maximumInflated: 1 << 18, compressOver: 1024),
            isSecured: isSecured, tls: nil, stallLimit: .seconds(30),
            limits: ConnectionEnding.Limits(opening: .seconds(60), closing: closing),
            timer: timer, observer: observer)
    }

    func run() throws {
        handler.start(on: channel)
        for _ in 0..<Int.random(in: 0...10, using: &generator) { step() }
        finish()
    }

    private func step() {
        let event = Int.random(in: 0..<17, using: &generator)
        events.append("\(event)")
        switch event {
        case 0, 1:
            let info = TLSConnectionInfo(version: "TLS 1.3", cipher: "x", isResumed: false, peer: nil)
            if isSecured { channel.pipeline.fireUserInboundEventTriggered(TLSHandshakeCompleted(info: info)) }
        case 2, 3: receive(Self.frame(7, number: 1, ByteBuffer(integer: Int32(180_000))))
        case 4: receive(Self.frame(11, number: 2, ByteBuffer(bytes: [5, 0, 0, 0])))
        case 5: receive(ByteBuffer(string: "HTTP/1.1 400 Bad Request\r\n\r\n"))
        case 6: channel.pipeline.fireErrorCaught(TLSError(.other(detail: "x")))
        case 7: channel.pipeline.fireErrorCaught(ChannelError.inputClosed)
        case 8: channel.pipeline.fireChannelInactive()
        case 9: handler.close(.operatorRequest)
        case 10:
            handler.close(.operatorRequest)
            handler.close(.localStop)
        case 11: (try? channel.pipeline.syncOperations.context(handler: front))?.close(promise: nil)
        case 12: channel.embeddedEventLoop.run()
        case 13:
            channel.isWritable.toggle()
            channel.pipeline.fireChannelWritabilityChanged()
        case 14:
            now += .seconds(Int.random(in: 1...40, using: &generator))
            handler.deadlineReached(at: now)
        case 15:
            requests += 1
            handler.tell { [requests] machine, now in
                machine.pushRequested(
                    RequestToken(rawValue: requests), content: ByteBuffer(string: "x"), isAcknowledged: true, at: now)
            }
        default: handler.setConsumerIsBehind(Bool.random(using: &generator))
        }
    }

    private func receive(_ bytes: ByteBuffer) {
        channel.pipeline.fireChannelRead(bytes)
        channel.pipeline.fireChannelReadComplete()
    }

    /// The session is over, or is ended now, and time passes: no more than one limit of a close.
    private func finish() {
        let isOpen = handler.state == .online || handler.state == .suspect
        if observer.ends.isEmpty, isOpen { handler.close(.operatorRequest) }
        // What is not open has its own deadline, then that of the close.
        for _ in 0..<3 where observer.ends.isEmpty {
            guard let deadline = handler.nextDeadline else {
                complaints.append("no end, and no deadline")
                break
            }
            now = max(now, deadline)
            handler.deadlineReached(at: now)
        }
        channel.embeddedEventLoop.run()
        channel.pipeline.fireChannelInactive()
        handler.close(.localStop)
        handler.deadlineReached(at: now + .seconds(1000))
        channel.embeddedEventLoop.run()
        if observer.ends.count != 1 { complaints.append("ends \(observer.ends)") }
        if !observer.lateWords.isEmpty { complaints.append("after the end: \(observer.lateWords)") }
    }

    /// A frame as the server sends it (PROTOCOL.md section 1).
    private static func frame(_ command: UInt8, number: Int32, _ body: ByteBuffer) -> ByteBuffer {
        var frame = ByteBuffer()
        frame.writeInteger(Int32(body.readableBytes))
        frame.writeInteger(command)
        frame.writeInteger(UInt16(0))
        frame.writeInteger(UInt8(0))
        frame.writeInteger(number)
        frame.writeInteger(UInt8(0))
        frame.writeImmutableBuffer(body)
        return frame
    }
}
