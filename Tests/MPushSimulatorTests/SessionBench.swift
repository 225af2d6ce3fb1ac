import MPushCipher
import MPushModel
import MPushSimulator
import MPushTestSupport
import MPushWire
import NIOCore

/// One connection without a socket: bytes in, what the simulated server answers out.
struct SessionBench {
    /// What the server said.
    enum Answer: Equatable {
        case heartbeat
        case frame(Frame)
    }

    static let maximumBody = 1 << 20
    static let zeros = SecretBytes(Array(repeating: 0, count: 16))

    var registry: ServerRegistry
    var session: SimulatedSession
    var sealer: FrameSealer
    var offer = SessionOffer(
        serverKey: SecretBytes(Array(1...16)), sessionID: "offered", expiry: WallTime(millisecondsSince1970: 1))
    var now = Instant.zero
    private(set) var isClosed = false
    private(set) var kicked: [ConnectionID] = []
    private(set) var keys: SessionKeys?
    private let publicKey: RSAPublicKey
    private var decoder = ClientStreamDecoder(maximumBody: maximumBody)

    /// A new connection to a server with `registry` and the key of the vectors.
    init(_ registry: ServerRegistry, id: UInt64 = 1) throws {
        let keys = try PacketVectors.load().keys
        let privateKey = try RSAPrivateKey(
            modulus: Self.bytes(keys.n), publicExponent: Self.bytes(keys.e),
            privateExponent: SecretBytes(Self.bytes(keys.d)))
        self.registry = registry
        publicKey = privateKey.publicKey
        session = SimulatedSession(id: ConnectionID(id), settings: registry.settings, at: .zero)
        sealer = FrameSealer(privateKey: privateKey)
    }

    private static func bytes(_ digits: String) -> [UInt8] {
        bytes(hex: digits.count.isMultiple(of: 2) ? digits : "0" + digits) ?? []
    }

    private static func bytes(hex digits: String) -> [UInt8]? { MPushTestSupport.bytes(hex: digits) }

    mutating func receive(_ bytes: some Sequence<UInt8>) throws -> [Answer] {
        decoder.append(ByteBuffer(bytes: bytes))
        var answers: [Answer] = []
        while !isClosed, let element = decoder.next() {
            for action in actions(for: element) { answers += try run(action).map { [$0] } ?? [] }
        }
        return answers
    }

    mutating func receive(_ frame: Frame) throws -> [Answer] {
        var bytes = ByteBuffer()
        try frame.write(to: &bytes)
        return try receive(bytes.readableBytesView)
    }

    /// A frame whose body is `plain`, encrypted as a client would: HANDSHAKE for the server, all else for the session.
    func sealed(
        _ command: Command, number: Int32, flags: PacketFlags = .crypto, _ plain: ByteBuffer
    ) throws -> Frame {
        let keys = keys ?? SessionKeys(key: Self.zeros, iv: Self.zeros)
        let body =
            command == .handshake
            ? try publicKey.encrypt(plain) : try AESCipher(key: keys.key, iv: keys.iv).encrypt(plain)
        return Frame(command: command, flags: flags, sessionID: number, body: body)
    }

    /// Opens a session for `device`, with keys of zeros.
    mutating func handshake(device: String, osName: String = "ios") throws -> [Answer] {
        let request = HandshakeRequest(
            deviceID: device, osName: osName, osVersion: "1", clientVersion: "1", iv: Self.zeros,
            clientKey: Self.zeros, minimumHeartbeat: .seconds(3), maximumHeartbeat: .seconds(10), timestamp: 0)
        return try receive(sealed(.handshake, number: 1, request.encoded))
    }

    mutating func bind(_ user: String, number: Int32 = 2) throws -> [Answer] {
        try receive(sealed(.bind, number: number, Self.bindRequest(user).encoded))
    }

    static func bindRequest(_ user: String) -> BindRequest {
        BindRequest(userID: user, data: SecretBytes([]), tags: "t")
    }

    private mutating func actions(for element: ClientStreamDecoder.Element) -> [SimulatedSession.Action] {
        switch element {
        case .heartbeat: return session.heartbeatReceived(in: &registry)
        case .oversize: return [.close(.oversize)]
        case .frame(let frame):
            let header = RequestHeader(frame)
            guard let message = try? sealer.open(frame, maximumInflated: 1 << 22) else {
                return session.unreadableReceived(header, in: &registry)
            }
            if case .handshake(let request) = message {
                return session.handshakeReceived(request, header, offering: offer, in: &registry, at: now)
            }
            return session.messageReceived(message, header, in: &registry, at: now)
        }
    }

    private mutating func run(_ action: SimulatedSession.Action) throws -> Answer? {
        switch action {
        case .send(let frame): return .frame(try sealer.seal(frame, compressOver: 10_240))
        case .beat: return .heartbeat
        case .useKeys(let new):
            keys = new
            try sealer.use(new)
        case .kick(let id): kicked.append(id)
        case .close: isClosed = true
        case .settle, .record, .reached: break
        }
        return nil
    }
}
