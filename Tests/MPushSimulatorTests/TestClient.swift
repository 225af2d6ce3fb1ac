import MPushCipher
import MPushModel
import MPushPlatform
import MPushTLS
import MPushWire
import NIOCore
import NIOPosix

/// A client made by hand: it sends what the test says and tells what came, in order.
struct TestClient {
    enum Received: Equatable, Sendable {
        case secured
        case heartbeat
        case frame(Frame)
        /// Bytes that are no frame.
        case broken(WireError)
        /// The end, and how many bytes of an incomplete frame were left.
        case closed(left: Int)
        /// An error of TLS or the network, by its words.
        case failed(String)
    }

    static let clientKey = SecretBytes(Array(50...65))
    static let iv = SecretBytes(Array(70...85))

    let channel: any Channel
    private var received: AsyncStream<Received>.Iterator
    private(set) var cipher: AESCipher?
    private(set) var sessionID = ""
    private(set) var sessionKey = clientKey

    /// Connects to `address`, with TLS where there is a context.
    static func connect(
        to address: SocketAddress, tls: TLSContext? = nil, handshakeTimeout: Duration = .seconds(10)
    ) async throws -> TestClient {
        let (stream, continuation) = AsyncStream.makeStream(of: Received.self)
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let tls {
                        try channel.pipeline.syncOperations.addHandler(
                            TLSHandler(
                                client: tls, serverName: "127.0.0.1", port: 1, sessions: nil,
                                handshakeTimeout: handshakeTimeout,
                                timer: LoopTimer(on: channel.eventLoop, clock: MachineClock())))
                    }
                    try channel.pipeline.syncOperations.addHandler(TestClientHandler(continuation))
                }
            }
            .connect(to: address).get()
        return TestClient(channel: channel, received: stream.makeAsyncIterator())
    }

    mutating func next() async -> Received? {
        await received.next(isolation: nil)
    }

    /// The next thing, which has to be a frame.
    mutating func nextFrame() async throws -> Frame {
        let next = await next()
        guard case .frame(let frame) = next else { throw Unexpected(what: "\(String(describing: next))") }
        return frame
    }

    struct Unexpected: Error {
        let what: String
    }

    func send(_ frame: Frame) async throws {
        var bytes = ByteBuffer()
        try frame.write(to: &bytes)
        try await channel.writeAndFlush(bytes)
    }

    func beat() async throws {
        try await channel.writeAndFlush(ByteBuffer(bytes: [Frame.heartbeatByte]))
    }

    func handshakeRequest(device: String, _ key: RSAPublicKey) throws -> Frame {
        let request = HandshakeRequest(
            deviceID: device, osName: "linux", osVersion: "6", clientVersion: "1", iv: Self.iv,
            clientKey: Self.clientKey, minimumHeartbeat: .seconds(1), maximumHeartbeat: .seconds(60), timestamp: 0)
        return Frame(command: .handshake, flags: .crypto, sessionID: 1, body: try key.encrypt(request.encoded))
    }

    /// Opens a session, and takes its key.
    @discardableResult
    mutating func handshake(device: String, _ key: RSAPublicKey) async throws -> HandshakeAnswer {
        try await send(handshakeRequest(device: device, key))
        let frame = try await nextFrame()
        let plain = try AESCipher(key: Self.clientKey, iv: Self.iv).decrypt(frame.body)
        let answer = try HandshakeAnswer(decoding: plain, of: .handshake)
        sessionID = answer.sessionID
        sessionKey = answer.serverKey.xored(with: Self.clientKey) ?? Self.clientKey
        cipher = try AESCipher(key: sessionKey, iv: Self.iv)
        return answer
    }

    /// Takes up the session of another client.
    mutating func resume(_ other: TestClient, device: String) async throws -> Frame {
        let request = FastConnectRequest(
            sessionID: other.sessionID, deviceID: device, minimumHeartbeat: .seconds(1), maximumHeartbeat: .seconds(60))
        try await send(Frame(command: .fastConnect, sessionID: 2, body: request.encoded))
        cipher = try AESCipher(key: other.sessionKey, iv: Self.iv)
        return try await nextFrame()
    }

    mutating func bind(_ user: String, tags: String = "") async throws -> Frame {
        let request = BindRequest(userID: user, data: SecretBytes([]), tags: tags)
        let body = try cipher?.encrypt(request.encoded) ?? request.encoded
        try await send(Frame(command: .bind, flags: .crypto, sessionID: 3, body: body))
        return try await nextFrame()
    }

    func acknowledge(_ push: Frame) async throws {
        try await send(Frame(command: .ack, sessionID: push.sessionID))
    }

    /// The content of a push.
    func open(_ frame: Frame) throws -> ByteBuffer {
        let body = SealedBody(
            bytes: frame.body, isEncrypted: frame.flags.contains(.crypto),
            isCompressed: frame.flags.contains(.compress))
        return try body.opened(with: cipher, maximumInflated: 4 << 20)
    }

    private init(channel: any Channel, received: AsyncStream<Received>.Iterator) {
        self.channel = channel
        self.received = received
    }
}
