import MPushCipher
import MPushModel
import MPushSession
import MPushTestSupport
import MPushWire
import NIOCore
import Testing

/// Replays a captured session: the server's bytes go into the machine at the captured times, and what the Java client was
/// told to do (push, HTTP, unbind, bind) is asked of the machine at the moment at which the client did it.
///
/// Heartbeats are not compared one by one: the Java client looks at its clock each h - 1 s, the machine beats when h - 1 s
/// have passed since the last write.
struct SessionReplay {
    /// One connection, from one end to the other.
    struct Connection {
        /// What the client sent in the capture, and what the machine sends, heartbeats left out. A frame that RSA
        /// encrypted differently is here with its body decrypted.
        var captured: [Frame] = []
        var sent: [Frame] = []
        var heartbeats = 0
        var actions: [SessionAction] = []
    }

    private static let identity = SessionIdentity(
        userID: "cap", tags: ["tag1", "tag2"], credential: SecretBytes([]))

    private(set) var connections: [Connection] = []
    private let vectors: SessionVectors
    private let rsa: RSAPrivateKey
    private let secrets: HandshakeSecrets
    /// The stored session, as far as the capture has one at its beginning.
    private let ticket: SessionTicket?
    private var machine: SessionStateMachine
    private var cipher: AESCipher?
    private var decoder = FrameDecoder(maximumBody: 1 << 20)

    init(_ name: String) throws {
        vectors = try SessionVectors.load(name)
        rsa = try PacketVectors.load().keys.rsaPrivateKey()
        secrets = try vectors.secrets()
        ticket = try vectors.ticket(named: name)
        machine = SessionReplay.machine(secrets, ticket, firstRequestNumber: 1)
    }

    private static func machine(
        _ secrets: HandshakeSecrets, _ ticket: SessionTicket?, firstRequestNumber: Int32
    ) -> SessionStateMachine {
        let settings = SessionSettings(
            deviceID: "jdevice-cap", osName: "android", osVersion: "6.0", clientVersion: "2.0",
            minimumHeartbeat: .seconds(3), maximumHeartbeat: .seconds(3), health: HealthSettings(),
            handshakeTimeout: .seconds(10), bindTimeout: .seconds(10), requestTimeout: .seconds(10), requestRetries: 1,
            maximumSend: 10_240)
        return SessionStateMachine(
            settings: settings,
            carryover: SessionCarryover(
                binding: UserBinding(configured: identity), nextRequestNumber: firstRequestNumber),
            endpoint: nil, ticket: ticket, secrets: secrets)
    }

    mutating func run() throws {
        for chunk in vectors.chunks {
            let now = chunk.instant
            try reachDeadlines(before: now)
            switch chunk.dir {
            case "connect": try connect(at: now)
            case "c2s": try clientSent(chunk.buffer(), at: now)
            case "s2c": try serverSent(chunk.buffer(), at: now)
            default: try perform(machine.connectionClosed(.closedByPeer(detail: nil)), at: now)
            }
        }
    }

    private mutating func connect(at now: Instant) throws {
        if !connections.isEmpty {
            machine = SessionReplay.machine(secrets, ticket, firstRequestNumber: machine.carryover.nextRequestNumber)
        }
        connections.append(Connection())
        decoder = FrameDecoder(maximumBody: 1 << 20)
        cipher = nil
        try perform(machine.connected(at: now, wallTime: vectors.wallTimeOfZeroTimestamp), at: now)
    }

    private mutating func reachDeadlines(before now: Instant) throws {
        while let deadline = machine.nextDeadline, deadline < now {
            try perform(machine.deadlineReached(at: deadline), at: deadline)
        }
    }

    /// The client's bytes: what is compared, and where a person asked for it what the machine is asked for.
    private mutating func clientSent(_ bytes: ByteBuffer, at now: Instant) throws {
        var decoder = FrameDecoder(maximumBody: 1 << 20)
        decoder.append(bytes)
        while let element = try decoder.next() {
            guard case .frame(let frame) = element else { continue }
            if machine.state != .closing { try perform(ask(for: frame, at: now), at: now) }
            connections[connections.count - 1].captured.append(try comparable(frame))
        }
    }

    private mutating func ask(for frame: Frame, at now: Instant) throws -> [SessionAction] {
        guard machine.state == .online || machine.state == .unbound, let cipher else { return [] }
        let isAlreadySent =
            connections.last?.sent.contains { ($0.command, $0.sessionID) == (frame.command, frame.sessionID) } ?? false
        if isAlreadySent || frame.command == .ack { return [] }
        let body = try SealedBody(frame).opened(with: cipher, maximumInflated: 1 << 20)
        switch try ClientMessage(command: frame.command, body: body) {
        case .push(let content):
            let isAcknowledged = frame.flags.contains(.autoAck)
            return machine.pushRequested(.first, content: content, isAcknowledged: isAcknowledged, at: now)
        case .httpProxy(let request): return machine.httpRequested(.second, request, at: now)
        case .unbind: return machine.unbindRequested(.first, at: now)
        case .bind(let request):
            let tags = request.tags.split(separator: ",").map(String.init)
            return machine.bindRequested(.third, user: request.userID, tags: tags, at: now)
        case let other:
            Issue.record("the capture has \(other), which nobody asks for")
            return []
        }
    }

    private mutating func serverSent(_ bytes: ByteBuffer, at now: Instant) throws {
        try perform(machine.bytesRead(at: now), at: now)
        decoder.append(bytes)
        while let element = try decoder.next() {
            switch element {
            case .heartbeat: try perform(machine.heartbeatReceived(at: now), at: now)
            case .skipped(let frame, _): Issue.record("the capture has a \(frame.command) that is too long")
            case .frame(let frame):
                let body = try SealedBody(frame).opened(with: cipher, maximumInflated: 1 << 20)
                let message = try ServerMessage(command: frame.command, body: body)
                let actions = machine.messageReceived(
                    message, flags: frame.flags, number: frame.sessionID, at: now)
                try perform(actions, at: now)
            }
        }
    }

    private mutating func perform(_ actions: [SessionAction], at now: Instant) throws {
        for action in actions {
            connections[connections.count - 1].actions.append(action)
            switch action {
            case .useKeys(let keys): cipher = try AESCipher(key: keys.key, iv: keys.iv)
            case .send(let message):
                connections[connections.count - 1].sent.append(try frame(message))
                machine.bytesWritten(at: now)
            case .sendHeartbeat:
                connections[connections.count - 1].heartbeats += 1
                machine.bytesWritten(at: now)
            case .deliver(let message, _):
                try perform(machine.messageConfirmed(message, .stored), at: now)
                try perform(machine.messageConfirmed(message, .consumed), at: now)
            case .storeTicket, .forgetTicket, .complete, .report, .close: break
            }
        }
    }

    private func frame(_ message: OutgoingMessage) throws -> Frame {
        var frame = Frame(
            command: message.command, flags: message.flags, sessionID: message.sessionID, body: message.body)
        switch message.protection {
        case .raw: break
        case .rsa: frame.flags.insert(.crypto)
        case .aes:
            let body = try SealedBody(sealing: message.body, with: cipher, compressOver: 1024)
            frame.body = body.bytes
            if body.isEncrypted { frame.flags.insert(.crypto) }
            if body.isCompressed { frame.flags.insert(.compress) }
        }
        return frame
    }

    private func comparable(_ frame: Frame) throws -> Frame {
        var frame = frame
        if frame.command == .handshake { frame.body = try rsa.decrypt(frame.body) }
        return frame
    }
}

extension SealedBody {
    fileprivate init(_ frame: Frame) {
        self.init(
            bytes: frame.body, isEncrypted: frame.flags.contains(.crypto),
            isCompressed: frame.flags.contains(.compress))
    }
}
