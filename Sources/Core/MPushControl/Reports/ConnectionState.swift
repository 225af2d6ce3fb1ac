/// Where an identity's connection is, in the one vocabulary that journal, STATUS=, metrics and `mpushctl` share.
package enum ConnectionState: String, CaseIterable, Sendable {
    /// An operator said so.
    case paused
    /// Until the next attempt.
    case waiting
    case resolving
    case connecting
    case securing
    case resuming
    case handshaking
    case binding
    case online
    /// The session is open, and an operator wants no user bound: no messages come.
    case unbound
    /// A read was missed, a confirmation is awaited.
    case suspect
    case closing

    /// Whether the session is bound: messages can come.
    package var isBound: Bool { self == .online || self == .suspect }
}
