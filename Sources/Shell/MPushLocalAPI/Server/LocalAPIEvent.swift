import MPushControl

/// What the local API has to tell the journal.
package enum LocalAPIEvent: Equatable, Sendable {
    /// Somebody changed something, or tried to: who, what, and the status of the answer.
    case changed(Caller, request: String, status: Int)
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
