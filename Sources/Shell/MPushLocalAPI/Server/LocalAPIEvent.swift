import MPushControl

/// What the local API has to tell the journal.
package enum LocalAPIEvent: Equatable, Sendable {
    /// Somebody changed something, or tried to: who, what, and the status of the answer.
    case changed(Caller, request: String, status: Int)
    /// Somebody who may not change anything tried to.
    case refused(Caller, request: String, detail: String)
    /// A follower was cut, for a reason in words; `consumer` is nil for a tail.
    case followerCut(Caller, consumer: String?, reason: String)
    /// As many clients are connected as can be; said once until there is room again.
    case full(connections: Int)
}
