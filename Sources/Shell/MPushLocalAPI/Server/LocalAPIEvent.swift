package import MPushControl
import MPushModel

/// What the local API has to tell the journal.
package enum LocalAPIEvent: Equatable, Sendable {
    /// Somebody changed something, or tried to: who, what, and the status of the answer.
    case changed(Caller, EndpointDeclaration, request: String, status: Int)
    /// Somebody who may not change anything tried to; for each user once a minute at most, with how often it was not said
    /// before.
    case refused(Caller, request: String, detail: String, unsaid: Int)
    /// A follower was cut, for a reason in words; `consumer` is nil for a tail.
    case followerCut(Caller, consumer: String?, reason: String)
    /// There was no place for somebody, and why; for each user once a minute at most, with how often it was not said before.
    case full(Caller, detail: String, unsaid: Int)
    /// Clients wait because none can be accepted now, and why; once a minute at most.
    case cannotAccept(String)
}

/// Keeps what others can bring about at will from filling the journal: each of them is heard once a minute at most, and so
/// is the rest of them together when they are many.
struct ReportLimiter {
    private static let pause = Duration.seconds(60)
    private static let mostHeard = 32

    private var lastHeard: [UInt32?: Instant] = [:]
    private var unheard: [UInt32?: Int] = [:]

    /// Whether something about `user` may be said now: then how often it was not said before, else nil.
    mutating func admit(_ user: UInt32?, at now: Instant) -> Int? {
        lastHeard = lastHeard.filter { now - $0.value < ReportLimiter.pause }
        guard lastHeard[user] == nil, lastHeard.count < ReportLimiter.mostHeard else {
            if unheard[user] != nil || unheard.count < ReportLimiter.mostHeard { unheard[user, default: 0] += 1 }
            return nil
        }
        lastHeard[user] = now
        return unheard.removeValue(forKey: user) ?? 0
    }
}
