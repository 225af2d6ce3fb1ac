import MPushConfiguration
import MPushConnection
import MPushModel
import MPushSession
import MPushSupervision

extension IdentityRunner {
    /// What there is to say of the identity now.
    var status: IdentityStatus {
        var next: Instant?
        if case .waiting(let until, _) = supervisor.state { next = until }
        return IdentityStatus(
            name: profile.name, user: profile.identity.userID, state: state, endpoint: endpoint?.description,
            heartbeat: heartbeat, lastLoss: supervisor.lastLoss, nextAttempt: next)
    }

    /// Whether something that was due more than `grace` ago was not done: then a part of the daemon is stuck.
    func isOverdue(at now: Instant, grace: Duration) -> Bool {
        if let due = supervisor.nextDeadline, now - due > grace { return true }
        if case .connected(let handler, _) = attempt { return handler.isOverdue(at: now, grace: grace) }
        return false
    }

    /// The server that is connected to, or tried.
    var endpoint: Endpoint? {
        switch attempt {
        case .none, .allocating: nil
        case .connecting(_, let endpoint), .connected(_, let endpoint): endpoint
        }
    }

    private var state: IdentityStatus.State {
        switch supervisor.state {
        case .idle, .waiting: return .waiting
        case .paused, .stopped: return .paused
        case .closing: return .closing
        case .allocating, .attempting, .online: break
        }
        switch attempt {
        case .none: return .waiting
        case .allocating: return .resolving
        case .connecting(let connector, _): return connector.stage == .resolving ? .resolving : .connecting
        case .connected(let handler, _):
            return handler.state.flatMap { IdentityStatus.State(rawValue: $0.rawValue) } ?? .securing
        }
    }
}
