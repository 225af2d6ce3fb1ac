package import MPushCause
package import MPushConfiguration
package import MPushTime

/// Where the search for a connection is, in the one vocabulary (DESIGN section 4); what a connection itself is at is
/// its session's to say.
package enum SupervisorState: Equatable, Sendable {
    /// Before `started`.
    case idle
    /// An operator wants no connection.
    case paused
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
