package import MPushModel

/// What there is to say of one identity at a moment.
package struct IdentityStatus: Equatable, Sendable {
    /// The one vocabulary of states (DESIGN section 4).
    package enum State: String, Equatable, Sendable {
        case paused
        case waiting
        case resolving
        case connecting
        case securing
        case resuming
        case handshaking
        case binding
        case online
        case unbound
        case suspect
        case closing
    }

    package let name: String
    package let user: String
    package let state: State
    /// The server that is connected to, or tried; nil between two attempts.
    package let endpoint: String?
    /// The heartbeat in force; nil while there is no session.
    package let heartbeat: Duration?
    /// Why the last connection or attempt ended; nil before the first end.
    package let lastLoss: LossCause?
    /// When the next attempt begins, while waiting for it.
    package let nextAttempt: Instant?

    /// Whether messages can come: also while a read was missed, until that is found to be the end.
    var isBound: Bool { heartbeat != nil && (state == .online || state == .suspect) }
}
