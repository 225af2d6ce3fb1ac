/// Where an identity's connection is, in the one vocabulary that journal, STATUS=, metrics, the local API and `mpushctl`
/// share.
package enum ConnectionState: String, CaseIterable, Sendable {
    /// An operator wants no connection.
    case paused
    /// This machine has no route to any server: an attempt is made when there is one.
    case noNetwork = "no-network"
    /// Until the next attempt.
    case waiting
    case resolving
    case connecting
    /// A proxy is asked to lead to the server.
    case proxy
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

    /// Whether the session is bound: messages can come, also while a read was missed, until that is found to be the end.
    package var isBound: Bool {
        switch self {
        case .online, .suspect: true
        case .paused, .noNetwork, .waiting, .resolving, .connecting, .proxy, .securing, .resuming, .handshaking,
            .binding, .unbound,
            .closing:
            false
        }
    }
}

/// Where a session is on one connection.
package enum SessionState: Equatable, Sendable {
    case resuming
    case handshaking
    case binding
    case online
    /// The session is open, and nobody is bound because nobody is wished.
    case unbound
    /// A read was missed, a confirmation is awaited.
    case suspect
    case closing
}

/// How far an attempt to connect has come.
package enum ConnectionStage: Equatable, Sendable {
    /// A name is looked up, or the allocator is asked.
    case resolving
    case connecting
    /// A proxy is asked to lead to the server.
    case proxy
    /// The connection is there, the session has not begun.
    case securing
    case session(SessionState)
}
