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
