package import MPushSession
package import MPushTime

/// Where received messages go. Called on the event loop; answers there.
package protocol MessageConsumer: AnyObject {
    /// Takes messages of one connection, in their order. `done` is called once, with how far they have come, or with
    /// nil where they could not be taken: then they are not acknowledged, so that their sender knows.
    func take(_ messages: [ReceivedMessage], from origin: MessageOrigin, done: @escaping (MessageProgress?) -> Void)
}

/// Whom messages were pushed to, and when they came.
package struct MessageOrigin: Equatable, Sendable {
    /// The identity's name in the configuration.
    package let identity: String
    package let user: String
    package let received: WallTime

    package init(identity: String, user: String, received: WallTime) {
        self.identity = identity
        self.user = user
        self.received = received
    }
}
