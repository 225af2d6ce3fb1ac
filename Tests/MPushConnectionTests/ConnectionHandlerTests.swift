import MPushCipher
import MPushModel
import MPushSession
import MPushTLS
import MPushTestSupport
import NIOCore
import NIOEmbedded
import Testing

@testable import MPushConnection
@testable import MPushPlatform

/// What the driver of a connection bounds by itself: plaintext, with a channel in memory and the kernel's clock.
@Suite struct ConnectionHandlerTests {
    /// Takes everything, confirms nothing, and stops the reading after the first batch.
    private final class SlowObserver: ConnectionObserver {
        weak var handler: ConnectionHandler?
        var batches: [[ReceivedMessage]] = []
        var end: LossCause?
        var onEnd: () -> Void = {}
        /// What it was told, as `status` shows it.
        var states: [SessionState?] = []

        func connectionSecured(_ info: TLSConnectionInfo?) {}
        func sessionStateChanged() { states.append(handler?.state) }
        func sessionReported(_ report: SessionReport) {}
        func ticketChanged(_ ticket: SessionTicket?) {}
        func requestCompleted(_ token: RequestToken, _ outcome: RequestOutcome) {}

        func messagesReceived(_ messages: [ReceivedMessage], user: String?) {
            batches.append(messages)
            handler?.setConsumerIsBehind(true)
        }

        func connectionEnded(_ cause: LossCause) {
            end = cause
            onEnd()
        }
    }

    private static let keys = [UInt8](repeating: 3, count: CipherKeys.length)

    /// A handler on a channel in memory, whose session is resumed by the answer that the test has to give.
    private static func connect(
        _ observer: SlowObserver, stallLimit: Duration, timer: LoopTimer, key: RSAPublicKey
    ) throws -> EmbeddedChannel {
        let keys = try #require(CipherKeys(key: SecretBytes(Self.keys), iv: SecretBytes(Self.keys)))
        let ticket = SessionTicket(
            sessionID: SecretBytes([0x31]), keys: keys, deviceID: "d", client: "linux\n6\n1", expires: nil)
        let settings = SessionSettings(
            deviceID: "d", osName: "linux", osVersion: "6", clientVersion: "1", minimumHeartbeat: .seconds(180),
            maximumHeartbeat: .seconds(180), health: HealthSettings(pingEvery: nil, confirmation: .seconds(10)),
            handshakeTimeout: .seconds(10), bindTimeout: .seconds(10), requestTimeout: .seconds(10),
            requestRetries: 0, maximumSend: 10_240)
        let machine = SessionStateMachine(
            settings: settings,
            carryover: SessionCarryover(
                binding: UserBinding(
                    configured: SessionIdentity(userID: "alice", tags: [], credential: SecretBytes([])))),
            endpoint: nil, ticket: ticket,
            secrets: try HandshakeSecrets.random())
        let handler = ConnectionHandler(
            machine: machine,
            codec: PacketCodec(
                serverKey: key, maximumBody: 1 << 20, maximumInflated: 4 << 20, compressOver: 1024),
            isSecured: false, tls: nil, stallLimit: stallLimit,
            limits: ConnectionEnding.Limits(opening: .seconds(60), closing: .seconds(5)),
            timer: timer, observer: observer)
        observer.handler = handler
        let channel = EmbeddedChannel()
        channel.connect(to: try SocketAddress(unixDomainSocketPath: "/x"), promise: nil)
        handler.start(on: channel)
        return channel
    }

    /// A frame as the server sends it (PROTOCOL.md section 1).
    private static func frame(_ command: UInt8, flags: UInt8 = 0, number: Int32, _ body: ByteBuffer) -> ByteBuffer {
        var frame = ByteBuffer()
        frame.writeInteger(Int32(body.readableBytes))
        frame.writeInteger(command)
        frame.writeInteger(UInt16(0))
        frame.writeInteger(flags)
        frame.writeInteger(number)
        frame.writeInteger(UInt8(0))
        frame.writeImmutableBuffer(body)
        return frame
    }

    /// The answers to FAST_CONNECT and BIND: the first numbers that a session uses.
    private static var answers: ByteBuffer {
        var bytes = frame(7, number: 1, ByteBuffer(integer: Int32(180_000)))
        bytes.writeImmutableBuffer(frame(11, number: 2, ByteBuffer(bytes: [5, 0, 0, 0])))
        return bytes
    }

    @Test func eachStateIsTold() async throws {
        let key = try RSAPrivateKey.generate().publicKey
        let states = try await LoopBench.run { (eventLoop, promise: EventLoopPromise<[SessionState?]>) in
            let timer = try LoopTimer(on: eventLoop, clock: MachineClock())
            let observer = SlowObserver()
            let channel = try Self.connect(observer, stallLimit: .seconds(30), timer: timer, key: key)
            try channel.writeInbound(Self.frame(7, number: 1, ByteBuffer(integer: Int32(180_000))))
            try channel.writeInbound(Self.frame(11, number: 2, ByteBuffer(bytes: [5, 0, 0, 0])))
            observer.handler?.tell { machine, now in
                machine.bindRequested(RequestToken(rawValue: 1), user: "bob", at: now)
            }
            // Nothing is reported of it: the server has unbound alice, and binds bob next.
            let unbound = ByteBuffer(bytes: [5, 0, 0, 14] + Array("unbind success".utf8))
            try channel.writeInbound(Self.frame(11, number: 3, unbound))
            observer.handler?.close(.operatorRequest)
            promise.succeed(observer.states)
        }
        #expect(states == [.resuming, .binding, .online, .binding, .closing])
    }

    @Test func whatInflatesIsBoundedWhileNobodyTakesIt() async throws {
        let key = try RSAPrivateKey.generate().publicKey
        let sizes = try await LoopBench.run { (eventLoop, promise: EventLoopPromise<[Int]>) in
            let timer = try LoopTimer(on: eventLoop, clock: MachineClock())
            let observer = SlowObserver()
            let channel = try Self.connect(observer, stallLimit: .seconds(30), timer: timer, key: key)
            var bytes = Self.answers
            let aes = try AESCipher(key: SecretBytes(Self.keys), iv: SecretBytes(Self.keys))
            let bomb = try SealedBody(
                sealing: ByteBuffer(repeating: 0x61, count: 1 << 20), with: aes, compressOver: 1024)
            for number in 1...40 as ClosedRange<Int32> {
                bytes.writeImmutableBuffer(Self.frame(15, flags: 3, number: number, bomb.bytes))
            }
            #expect(bytes.readableBytes < 1 << 17)
            try channel.writeInbound(bytes)
            let first = observer.batches.reduce(0) { $0 + $1.count }
            observer.handler?.setConsumerIsBehind(false)
            let second = observer.batches.reduce(0) { $0 + $1.count }
            while observer.batches.count < 40 { observer.handler?.setConsumerIsBehind(false) }
            let numbers = observer.batches.flatMap { $0 }.map(\.number)
            #expect(numbers == Array(1...40))
            timer.close()
            promise.succeed([first, second])
        }
        #expect(sizes == [1, 2])
    }

    @Test func aPeerThatTakesNothingIsGivenUp() async throws {
        let key = try RSAPrivateKey.generate().publicKey
        let end = try await LoopBench.run { (eventLoop, promise: EventLoopPromise<LossCause?>) in
            let timer = try LoopTimer(on: eventLoop, clock: MachineClock())
            let observer = SlowObserver()
            let channel = try Self.connect(observer, stallLimit: .milliseconds(20), timer: timer, key: key)
            // The end is told in the middle of the timer's firing: other owners must still get their turns after it.
            let other = timer.makeOwner { _ in
                timer.close()
                promise.succeed(observer.end)
            }
            observer.onEnd = { timer.set(MachineClock().now + .milliseconds(1), for: other) }
            try channel.writeInbound(Self.answers)
            channel.isWritable = false
            channel.pipeline.fireChannelWritabilityChanged()
        }
        #expect(end == .reset(detail: "the server took nothing of what was sent for 20 ms"))
    }
}
