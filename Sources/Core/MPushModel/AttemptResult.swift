/// How an attempt to hand a message over to a route's target ended.
package enum AttemptResult: Equatable, Sendable {
    /// The target has it.
    case confirmed
    /// The target is not there, whatever the message: what is wrong, in words. No attempt is counted, and nothing is given
    /// up for it.
    case unavailable(String)
    /// It may be tried again, and may be the target's fault or the message's: what was wrong, in words; and when, where the
    /// target said so.
    case failed(String, retryAfter: Duration?)
    /// Trying again is in vain: what is wrong, in words.
    case rejected(String)
    /// Nothing was tried for want of resources of our own (descriptors, memory, processes, room on the disk): what, in words.
    /// That is neither the message's fault nor the target's, so no attempt is counted, and nothing is given up for it.
    case postponed(String)
    /// Nothing was tried, because the daemon or the route stops; no attempt is counted.
    case abandoned

    /// The longest text of what was wrong, in bytes: parts of it are foreign, and it is kept.
    package static let longestReason = 512

    /// With what was wrong within bounds.
    package var bounded: AttemptResult {
        switch self {
        case .confirmed, .abandoned: self
        case .failed(let reason, let wait): .failed(reason.shown(atMost: Self.longestReason), retryAfter: wait)
        case .unavailable(let reason): .unavailable(reason.shown(atMost: Self.longestReason))
        case .rejected(let reason): .rejected(reason.shown(atMost: Self.longestReason))
        case .postponed(let reason): .postponed(reason.shown(atMost: Self.longestReason))
        }
    }

    /// What was wrong, in words; empty where nothing was.
    package var reason: String {
        switch self {
        case .confirmed, .abandoned: ""
        case .failed(let reason, _), .unavailable(let reason), .rejected(let reason), .postponed(let reason): reason
        }
    }

    /// The stable word for it, in metrics.
    package var word: String {
        switch self {
        case .confirmed: "confirmed"
        case .unavailable: "unavailable"
        case .failed: "failed"
        case .rejected: "rejected"
        case .postponed: "postponed"
        case .abandoned: "abandoned"
        }
    }
}
