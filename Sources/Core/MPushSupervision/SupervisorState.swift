package import MPushModel

/// Where the search for a connection is, in the one vocabulary; what a connection itself is at is
/// its session's to say.
package enum SupervisorState: Equatable, Sendable {
    /// Before `started`.
    case idle
    /// An operator wants no connection.
    case paused
    /// There is no route to any server: nothing is tried until there is one.
    case noNetwork
    /// Between two rounds. `cause` is why the last connection or attempt ended.
    case waiting(until: Instant, cause: LossCause)
    /// The allocator is being asked.
    case allocating
    /// A connection is being made.
    case attempting(Endpoint)
    /// A connection is bound, or open without a user where none is wished.
    case online(Endpoint, since: Instant)
    /// A close was asked for; what is to come after it.
    case closing(Endpoint, boundSince: Instant?, LossCause, next: AfterClosing)
    /// Staying away, for `cause`, until an operator asks for a connection.
    case stopped(LossCause)

    /// What follows once a connection that we closed has ended.
    package enum AfterClosing: Equatable, Sendable {
        case reconnect
        case pause
        case stop
    }
}

extension SupervisorState {
    /// Whether there is no connection until an operator asks for one, be it only once the one of now has closed.
    package var isPausedOrPausing: Bool {
        switch self {
        case .paused, .stopped, .closing(_, _, _, next: .pause): true
        case .idle, .noNetwork, .waiting, .allocating, .attempting, .online, .closing: false
        }
    }

    /// The state of the whole in the one vocabulary; `stage` is how far the attempt, or the connection, has come, nil where
    /// there is none.
    package func connectionState(at stage: ConnectionStage?) -> ConnectionState {
        switch self {
        case .idle, .waiting: .waiting
        case .paused, .stopped: .paused
        case .noNetwork: .noNetwork
        case .closing: .closing
        case .allocating: .resolving
        case .attempting, .online:
            switch stage {
            case nil: .waiting
            case .resolving: .resolving
            case .connecting: .connecting
            case .proxy: .proxy
            case .securing: .securing
            case .session(.resuming): .resuming
            case .session(.handshaking): .handshaking
            case .session(.binding): .binding
            case .session(.online): .online
            case .session(.unbound): .unbound
            case .session(.suspect): .suspect
            case .session(.closing): .closing
            }
        }
    }
}

/// What the driver of an identity has to do, in the order in which it is told.
package enum SupervisorAction: Equatable, Sendable {
    /// Ask the allocator, then call `allocatorAnswered` or `allocatorFailed`.
    case askAllocator
    /// Resolve, connect, secure and open a session; then `becameOnline`, and `connectionEnded` in any case.
    case connect(Endpoint)
    /// See whether this server opens sessions, beside the connection that is there, then call `probed`. It is not to bind.
    case probe(Endpoint)
    /// Close the connection, or give up the attempt; then call `connectionEnded` with this cause.
    case close(LossCause)
    /// What was asked for hangs: let go of it, whatever it does, then call `connectionEnded` with this cause.
    case abandon(LossCause)
    /// Tell people.
    case report(SupervisorReport)
}

/// What people should hear of the search for a connection. Retries are summarised: a server that is down for a night
/// costs a few dozen lines (see `RetryDigest`).
package enum SupervisorReport: Equatable, Sendable {
    /// A connection that was bound is gone. `next` is nil where none is tried by itself, or only when there is a
    /// route.
    case lost(LossCause, from: Endpoint, boundFor: Duration, next: Duration?)
    /// The attempt failed, and it is the first in a row or fails in a new way. `next` is nil where there is no route.
    case failed(LossCause, at: Endpoint?, next: Duration?)
    /// There is no route to any server any more, or at the start: nothing is tried until there is one. Where routes come and go
    /// in one search, said at growing intervals.
    case noNetwork
    /// Still no connection, after so many attempts: said at growing intervals. `next` is nil where there is no route.
    case stillTrying(LossCause, attempts: Int, next: Duration?)
    /// Something of our own hung, and is let go of; the cause says what, and for how long.
    case hung(LossCause, at: Endpoint?)
    /// The allocator did not help; what is tried in its place.
    case allocatorFailed(detail: String, fallback: AllocatorFallback)
    /// Staying away, until an operator asks for a connection.
    case stopped(LossCause)

    /// What takes the place of an allocator's answer.
    package enum AllocatorFallback: String, Equatable, Sendable {
        case lastAnswer
        case configuredEndpoints
        case nothing
    }
}
