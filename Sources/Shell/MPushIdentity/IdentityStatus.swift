import MPushConfiguration
import MPushConnection
package import MPushModel
import MPushSession
import MPushSupervision

/// What there is to say of one identity at a moment.
package struct IdentityStatus: Equatable, Sendable {
    package let name: String
    package let user: String
    package let state: ConnectionState
    /// The server that is connected to, or tried; nil between two attempts.
    package let endpoint: String?
    /// The heartbeat in force; nil while there is no session.
    package let heartbeat: Duration?
    /// Why the last connection or attempt ended; nil before the first end.
    package let lastLoss: LossCause?
    /// When the next attempt begins, while waiting for it.
    package let nextAttempt: Instant?

    /// Whether messages can come: also while a read was missed, until that is found to be the end.
    package var isBound: Bool { heartbeat != nil && state.isBound }
}

extension IdentityRunner {
    /// What there is to say of the identity now.
    package var status: IdentityStatus {
        var next: Instant?
        if case .waiting(let until, _) = supervisor.state { next = until }
        return IdentityStatus(
            name: profile.name, user: profile.identity.userID, state: state, endpoint: endpoint?.description,
            heartbeat: heartbeat, lastLoss: supervisor.lastLoss, nextAttempt: next)
    }

    /// Whether something that was due more than `grace` ago was not done: then a part of the daemon is stuck.
    package func isOverdue(at now: Instant, grace: Duration) -> Bool {
        if let due = supervisor.nextDeadline, now - due > grace { return true }
        if case .connected(let handler, _) = attempt { return handler.isOverdue(at: now, grace: grace) }
        return false
    }

    /// The server that is connected to, or tried.
    package var endpoint: Endpoint? {
        switch attempt {
        case .none, .allocating: nil
        case .connecting(_, let endpoint), .connected(_, let endpoint): endpoint
        }
    }

    private var state: ConnectionState { supervisor.state.connectionState(at: stage) }

    /// How far the attempt, or the connection, has come.
    private var stage: ConnectionStage? {
        switch attempt {
        case .none: nil
        case .allocating: .resolving
        case .connecting(let connector, _): connector.stage == .resolving ? .resolving : .connecting
        case .connected(let handler, _): handler.state.map(ConnectionStage.session) ?? .securing
        }
    }
}
