package import MPushInbox

/// Who a follower's messages go to: a connection of the local API. Called on the event loop.
package protocol FollowerSink: AnyObject {
    /// Takes messages, in their order. False when that is enough for now: `Follower.wantsMore` asks for the next.
    func take(_ messages: [StoredMessage]) -> Bool
    /// The follower is over, for a reason in words: the inbox began anew, another took the name, the daemon ends.
    func followerEnded(_ reason: String)
}
