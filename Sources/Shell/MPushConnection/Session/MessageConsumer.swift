package import MPushModel
package import MPushSession

/// Where received messages go. Called on the event loop; answers there.
package protocol MessageConsumer: AnyObject {
    /// Takes messages of one connection, in their order. `done` is called once, with how far they have come. A message
    /// that is confirmed by its program later than that is told to `confirmer`.
    func take(
        _ messages: [ReceivedMessage], from origin: MessageOrigin, confirmer: any MessageConfirmer,
        done: @escaping (TakenMessages) -> Void
    )
}

/// Hears that a program has confirmed messages after they were taken. It is kept as long as messages wait for that, so it
/// must not keep the connection that they came over, which may be gone: then nobody waits for it any more.
package protocol MessageConfirmer: AnyObject {
    func messageConsumed(_ message: ReceivedMessage)
}

/// How far a batch of messages has come.
package struct TakenMessages: Sendable {
    /// For each message, in their order; nil where it could not be taken: then it is not acknowledged, so that its sender
    /// knows.
    package var progress: [MessageProgress?]
    /// Why some could not be taken, in words; nil where all were.
    package var refusal: String?
    /// How many of them were there before.
    package var duplicates: Int

    package init(_ progress: [MessageProgress?], refusal: String? = nil, duplicates: Int = 0) {
        self.progress = progress
        self.refusal = refusal
        self.duplicates = duplicates
    }
}

/// Whom messages were pushed to, and when they came.
package struct MessageOrigin: Equatable, Sendable {
    /// The identity's name in the configuration.
    package let identity: String
    /// Whom the server had bound when they came; empty where that is not known, as between two users.
    package let user: String
    package let received: WallTime

    package init(identity: String, user: String, received: WallTime) {
        self.identity = identity
        self.user = user
        self.received = received
    }
}
