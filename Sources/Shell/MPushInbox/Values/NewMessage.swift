package import MPushModel
package import NIOCore

/// A message to be stored.
package struct NewMessage: Sendable {
    /// The name of the identity that it was pushed to.
    package let identity: String
    package let user: String
    package let received: WallTime
    package let content: ByteBuffer
    /// Whether the sender wants to hear that a consumer confirmed it: then it is remembered when one did.
    package let awaitsConsumer: Bool

    package init(identity: String, user: String, received: WallTime, content: ByteBuffer, awaitsConsumer: Bool) {
        self.identity = identity
        self.user = user
        self.received = received
        self.content = content
        self.awaitsConsumer = awaitsConsumer
    }
}

/// What became of a message that was to be stored.
package enum StoreOutcome: Equatable, Sendable {
    /// It is on the disk.
    case stored(StoredMessage)
    /// It is on the disk already. `isConsumed` where a consumer has confirmed it.
    case duplicate(of: MessagePosition, isConsumed: Bool)
    /// There is no room.
    case full
    /// The disk or the database does not take it.
    case failed(InboxFailure)
}

/// What the inbox has to say unasked.
package enum InboxNews: Equatable, Sendable {
    /// It cannot store any more; said once until it can again, or the reason changes.
    case failing(InboxFailure)
    /// It can again.
    case recovered
    /// The database is gone, and a new one begun: every consumer begins anew. It was damaged and stands at `setAside` now,
    /// whole; or it was removed, and `setAside` is nil.
    case begunAnew(setAside: String?, detail: String)
    /// The database's log was damaged and stands there now: what was stored last may be missing.
    case logLost(setAside: String)
    /// There is no room: messages are refused. Said once until there is room again, with what is in the way.
    case full(InboxHolder?)
    /// There is room again.
    case roomAgain
    /// Messages that somebody still waited for gave way, because of their age or because there was no room.
    case dropped(count: Int)
    /// The database of an earlier version is being brought to this one's.
    case migrating(from: Int, to: Int)
}
