import MPushModel

/// What a simulated server can be told to do wrong.
package enum SimulatorFault: Equatable, Sendable {
    /// What follows a frame that was cut short.
    package enum AfterCut: Equatable, Sendable {
        case close
        case silence
    }

    // Of the whole simulator.

    /// Forgets all sessions: each FAST_CONNECT is answered SESSION_EXPIRED.
    case expireSessions
    /// Closes the listening sockets, until it is lifted.
    case refuseConnections

    // Lasting, until lifted.

    /// Heartbeats are not answered; all else is.
    case muteHeartbeats
    /// Nothing is answered and nothing closed; TLS works.
    case sayNothing
    /// The connection is accepted, and that is all. Only for connections to come.
    case sayNothingBeforeTLS
    /// Nothing more is taken from the socket, so that the client's writes back up.
    case stopReading
    /// Each byte is written on its own.
    case writeBytewise
    /// Each answer is held back this long.
    case answerLate(Duration)
    /// Each answer is sent twice.
    case answerTwice
    /// HANDSHAKE and FAST_CONNECT are answered with this heartbeat, whatever was agreed.
    case tellHeartbeat(Duration)
    /// FAST_CONNECT is answered INVALID_DEVICE.
    case denyDevice
    /// BIND is answered ERROR, and the connection closed.
    case refuseBind

    // At once, once.

    /// Half of a push.
    case cutFrame(AfterCut)
    /// Bytes that are not a frame.
    case sendRubbish
    /// A frame with a command that nobody knows.
    case sendUnknownCommand
    /// The header of a frame of nearly 2 GiB.
    case sendOversizeLength
    /// A push whose body cannot be decrypted.
    case sendBadCiphertext
    /// A push of some KiB that inflates to 16 MiB.
    case sendZlibBomb
    /// KICK, though the user is bound nowhere else.
    case kick
    /// An orderly close.
    case close
    /// A TCP reset (SO_LINGER 0).
    case reset
}

extension SimulatorFault: CustomStringConvertible {
    /// What it is, as the commands and the journal say it.
    package var description: String {
        switch self {
        case .expireSessions: "expire sessions"
        case .refuseConnections: "refuse connections"
        case .muteHeartbeats: "mute heartbeats"
        case .sayNothing: "say nothing"
        case .sayNothingBeforeTLS: "say nothing before TLS"
        case .stopReading: "stop reading"
        case .writeBytewise: "write byte by byte"
        case .answerTwice: "answer twice"
        case .answerLate(let lateness): "answer \(lateness.humanReadable) late"
        case .tellHeartbeat(let heartbeat): "tell a heartbeat of \(heartbeat.humanReadable)"
        case .denyDevice: "deny the device"
        case .refuseBind: "refuse to bind"
        case .cutFrame(.close): "cut a frame and close"
        case .cutFrame(.silence): "cut a frame and fall silent"
        case .sendRubbish: "send rubbish"
        case .sendUnknownCommand: "send an unknown command"
        case .sendOversizeLength: "send an oversize length"
        case .sendBadCiphertext: "send a push that cannot be decrypted"
        case .sendZlibBomb: "send a zlib bomb"
        case .kick: "kick"
        case .close: "close"
        case .reset: "reset"
        }
    }

    /// What it is, without its figures.
    package var name: String {
        switch self {
        case .answerLate: "answer late"
        case .tellHeartbeat: "tell a heartbeat of our own"
        default: description
        }
    }

    /// Whether it is the same fault, be it with other figures.
    func isSameKind(as other: SimulatorFault) -> Bool {
        switch (self, other) {
        case (.answerLate, .answerLate), (.tellHeartbeat, .tellHeartbeat): true
        default: self == other
        }
    }
}

/// How one connection is treated. What `SimulatorFault` makes lasting is set here.
package struct ConnectionBehaviour: Equatable, Sendable {
    /// Whether heartbeats are answered.
    package var answersHeartbeats = true
    /// Whether everything the client says is taken in and nothing is answered, nor the connection ever closed.
    package var isSilent = false
    /// Whether the server takes bytes from its socket at all.
    package var reads = true
    /// Whether each byte is written on its own.
    package var writesBytewise = false
    /// How long each answer is held back.
    package var lateness: Duration = .zero
    /// Whether each answer is sent twice.
    package var answersTwice = false
    /// What is told to the client in place of the agreed heartbeat.
    package var toldHeartbeat: Duration?
    /// Whether FAST_CONNECT is answered with INVALID_DEVICE.
    package var deniesDevice = false
    /// Whether BIND is refused.
    package var refusesBind = false

    package init() {}

    /// Takes on what is lasting in `fault`, or with `lifted` gives it up. False where nothing of it lasts.
    @discardableResult
    mutating func take(_ fault: SimulatorFault, lifted: Bool = false) -> Bool {
        switch fault {
        case .muteHeartbeats: answersHeartbeats = lifted
        case .sayNothing, .sayNothingBeforeTLS: isSilent = !lifted
        case .stopReading: reads = lifted
        case .writeBytewise: writesBytewise = !lifted
        case .answerTwice: answersTwice = !lifted
        case .answerLate(let lateness): self.lateness = lifted ? .zero : lateness
        case .tellHeartbeat(let heartbeat): toldHeartbeat = lifted ? nil : heartbeat
        case .denyDevice: deniesDevice = !lifted
        case .refuseBind: refusesBind = !lifted
        case .refuseConnections, .expireSessions, .cutFrame, .sendRubbish, .sendUnknownCommand, .sendOversizeLength,
            .sendBadCiphertext, .sendZlibBomb, .kick, .close, .reset:
            return false
        }
        return true
    }
}
