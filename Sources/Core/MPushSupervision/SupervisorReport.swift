package import MPushCause
package import MPushConfiguration

/// What people should hear of the search for a connection. Retries are summarised: a server that is down for a night
/// costs a few dozen lines (see `RetryDigest`).
package enum SupervisorReport: Equatable, Sendable {
    /// A connection that was bound is gone. `next` is nil where none is tried by itself.
    case lost(LossCause, from: Endpoint, boundFor: Duration, next: Duration?)
    /// The attempt failed, and it is the first in a row or fails in a new way.
    case failed(LossCause, at: Endpoint?, next: Duration?)
    /// Still no connection: said at growing intervals.
    case stillTrying(LossCause, attempts: Int, silentFor: Duration, next: Duration)
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
