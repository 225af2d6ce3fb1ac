import MPushInbox
import MPushModel

/// Where a route's messages go. Belongs to the event loop.
protocol RouteTarget: AnyObject {
    /// `exec`, `webhook` or `file`.
    var kind: String { get }

    /// Hands `message` over; `done` is called once. What is given back ends the attempt before its time: it is `abandoned`
    /// then, if it was not confirmed already.
    func deliver(_ message: StoredMessage, attempt: Int, done: @escaping (AttemptResult) -> Void) -> () -> Void
}

/// How an attempt to hand a message over ended.
package enum AttemptResult: Equatable, Sendable {
    /// The target has it.
    case confirmed
    /// It may be tried again: what was wrong, in words; and when, where the target said so.
    case failed(String, retryAfter: Duration?)
    /// Trying again is in vain: what is wrong, in words.
    case rejected(String)
    /// Nothing was tried, because the daemon ends; no attempt is counted.
    case abandoned
}

/// Where nothing can be handed to, because delivery is gone.
final class NoTarget: RouteTarget {
    let kind = ""

    func deliver(_ message: StoredMessage, attempt: Int, done: @escaping (AttemptResult) -> Void) -> () -> Void {
        done(.abandoned)
        return {}
    }
}
