import MPushModel
import MPushSession
import MPushWire
import NIOCore

/// A session machine with a clock of its own, and a server whose answers are one word each.
struct TestSession {
    static let keys = secrets(0x11, 0x22)
    static let identity = SessionIdentity(userID: "alice", tags: ["a", "b"], credential: SecretBytes([]))
    static let endpoint = try? Endpoint(parsing: "a:1")
    static let start = Instant.zero + .seconds(1000)
    static let today = WallTime(millisecondsSince1970: 1_800_000_000_000)

    static let settings = SessionSettings(
        deviceID: "device", osName: "linux", osVersion: "6.1", clientVersion: "1.0", minimumHeartbeat: .seconds(180),
        maximumHeartbeat: .seconds(180), health: HealthSettings(), handshakeTimeout: .seconds(10),
        bindTimeout: .seconds(10), requestTimeout: .seconds(10), requestRetries: 1, maximumSend: 10_240)

    var machine: SessionStateMachine
    private(set) var now = TestSession.start

    init(
        ticket: SessionTicket? = nil, firstRequestNumber: Int32 = 1, isUserWished: Bool = true,
        carryover: SessionCarryover? = nil,
        configure: (inout SessionSettings) -> Void = { _ in }
    ) {
        var settings = TestSession.settings
        configure(&settings)
        machine = SessionStateMachine(
            settings: settings,
            carryover: carryover
                ?? TestSession.carryover(firstRequestNumber: firstRequestNumber, isUserWished: isUserWished),
            endpoint: TestSession.endpoint, ticket: ticket, secrets: TestSession.keys)
    }

    static func carryover(firstRequestNumber: Int32 = 1, isUserWished: Bool = true) -> SessionCarryover {
        SessionCarryover(
            binding: UserBinding(configured: identity, override: isUserWished ? nil : .nobody),
            nextRequestNumber: firstRequestNumber)
    }

    /// Made with a handshake, and bound: the next request has the number 3.
    static func online(configure: (inout SessionSettings) -> Void = { _ in }) -> TestSession {
        var session = TestSession.binding(configure: configure)
        _ = session.receive(.ok(.bind), 2)
        return session
    }

    /// The handshake is answered, and BIND (number 2) is not.
    static func binding(configure: (inout SessionSettings) -> Void = { _ in }) -> TestSession {
        var session = TestSession(configure: configure)
        _ = session.connect()
        _ = session.receive(.handshake(.good), 1)
        return session
    }

    /// Made with a handshake, and open without a user: the next request has the number 2.
    static func unbound(configure: (inout SessionSettings) -> Void = { _ in }) -> TestSession {
        var session = TestSession(isUserWished: false, configure: configure)
        _ = session.connect()
        _ = session.receive(.handshake(.good), 1)
        return session
    }

    /// The stored session is resumed, and BIND (number 2) is not answered.
    static func resumedAndBinding() -> TestSession {
        var session = TestSession(ticket: .stored())
        _ = session.connect()
        _ = session.receive(.fastConnect(FastConnectAnswer(heartbeat: .seconds(180))), 1)
        return session
    }

    mutating func connect() -> [SessionAction] {
        machine.connected(at: now, wallTime: TestSession.today)
    }

    /// A frame comes at the time that it is.
    mutating func receive(_ message: ServerMessage, _ number: Int32, flags: PacketFlags = []) -> [SessionAction] {
        machine.bytesRead(at: now) + machine.messageReceived(message, flags: flags, number: number, at: now)
    }

    /// Time passes without a deadline being looked at.
    mutating func wait(_ duration: Duration) {
        now += duration
    }

    /// Time passes, every deadline is kept, and every heartbeat is handed to the kernel.
    mutating func advance(_ duration: Duration) -> [SessionAction] {
        let end = now + duration
        var actions: [SessionAction] = []
        while let next = machine.nextDeadline, next <= end {
            now = max(now, next)
            let due = machine.deadlineReached(at: now)
            if due.contains(.sendHeartbeat) { machine.bytesWritten(at: now) }
            actions += due
        }
        now = end
        return actions
    }

    static func secrets(_ key: UInt8, _ iv: UInt8) -> HandshakeSecrets {
        guard
            let secrets = HandshakeSecrets(
                clientKey: SecretBytes(repeatElement(key, count: 16)), iv: SecretBytes(repeatElement(iv, count: 16)))
        else { fatalError("16 bytes each") }
        return secrets
    }
}

extension SessionTicket {
    /// A ticket of the test's own device that has a day to go.
    static func stored(
        deviceID: String = "device", expires: WallTime? = TestSession.today + 86_400_000
    ) -> SessionTicket {
        SessionTicket(
            sessionID: SecretBytes("stored".utf8), keys: TestSession.secrets(0x33, 0x44).keys, deviceID: deviceID,
            client: TestSession.settings.clientDescription, expires: expires)
    }
}

extension WallTime {
    static func + (time: WallTime, milliseconds: Int64) -> WallTime {
        WallTime(millisecondsSince1970: time.millisecondsSince1970 + milliseconds)
    }
}

extension HandshakeAnswer {
    static let good = answer()

    static func answer(
        serverKey: [UInt8] = Array(repeating: 0x55, count: 16), heartbeat: Duration = .seconds(180),
        sessionID: String = "fresh", expireTime: Int64 = TestSession.today.millisecondsSince1970 + 1000
    ) -> HandshakeAnswer {
        HandshakeAnswer(
            serverKey: SecretBytes(serverKey), heartbeat: heartbeat, sessionID: sessionID, expireTime: expireTime)
    }
}

extension ServerMessage {
    static func ok(_ command: Command) -> ServerMessage {
        .ok(OkAnswer(command: command, code: .none, data: "success"))
    }

    static func error(_ command: Command, _ code: ReasonCode, _ reason: String = "no") -> ServerMessage {
        .error(ErrorAnswer(command: command, code: code, reason: reason, data: ""))
    }

    static func push(_ text: String) -> ServerMessage { .push(content: ByteBuffer(string: text)) }
}

extension RequestToken {
    static let first = RequestToken(rawValue: 1)
    static let second = RequestToken(rawValue: 2)
    static let third = RequestToken(rawValue: 3)
}

extension [SessionAction] {
    /// The frames that are to be sent.
    var sent: [OutgoingMessage] {
        compactMap { if case .send(let message) = $0 { message } else { nil } }
    }

    /// The commands and numbers of the frames that are to be sent: `BIND 2`.
    var sentHeaders: [String] { sent.map { "\($0.command) \($0.sessionID)" } }

    var reports: [SessionReport] {
        compactMap { if case .report(let report) = $0 { report } else { nil } }
    }

    var delivered: [ReceivedMessage] {
        compactMap { if case .deliver(let message, _) = $0 { message } else { nil } }
    }

    /// Whom the delivered messages are for.
    var recipients: [String?] {
        compactMap { if case .deliver(_, let user) = $0 { .some(user) } else { nil } }
    }

    /// What came of requests, by their tokens.
    var outcomes: [UInt64: RequestOutcome] {
        reduce(into: [:]) { if case .complete(let token, let outcome) = $1 { $0[token.rawValue] = outcome } }
    }

    var closings: [LossCause] {
        compactMap { if case .close(let cause) = $0 { cause } else { nil } }
    }

    var tickets: [SessionTicket] {
        compactMap { if case .storeTicket(let ticket) = $0 { ticket } else { nil } }
    }
}
