import MPushTime

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
    /// HANDSHAKE and FAST_CONNECT are answered with this heartbeat, whatever was agreed.
    case tellHeartbeat(Duration)
    /// FAST_CONNECT is answered INVALID_DEVICE.
    case denyDevice
    /// BIND is answered ERROR, and the connection closed.
    case refuseBind

    // At once, once.

    /// Half of a push.
    case cutFrame(AfterCut)
    /// Bytes that are no frame.
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
        case .answerLate(let lateness): "answer \(lateness.spoken) late"
        case .tellHeartbeat(let heartbeat): "tell a heartbeat of \(heartbeat.spoken)"
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
