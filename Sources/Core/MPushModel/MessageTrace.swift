/// What became of a message, as far as the inbox knows.
package struct MessageTrace: Equatable, Sendable {
    /// What became of it with one durable consumer.
    package struct Delivery: Equatable, Sendable {
        package let consumer: ConsumerName
        /// Whether somebody uses the consumer: a route that is configured, a follower that is not removed.
        package let isActive: Bool
        package let fate: DeliveryFate

        package init(consumer: ConsumerName, isActive: Bool, fate: DeliveryFate) {
            self.consumer = consumer
            self.isActive = isActive
            self.fate = fate
        }
    }

    package let message: StoredMessage
    /// Older messages with the same id, the newest first.
    package let others: [MessagePosition]
    /// Whether a consumer has confirmed it.
    package let isConfirmed: Bool
    /// Whether the sender waits to hear that one does.
    package let awaitsConfirmation: Bool
    /// By the names of the consumers.
    package let deliveries: [Delivery]

    package init(
        message: StoredMessage, others: [MessagePosition], isConfirmed: Bool, awaitsConfirmation: Bool,
        deliveries: [Delivery]
    ) {
        self.message = message
        self.others = others
        self.isConfirmed = isConfirmed
        self.awaitsConfirmation = awaitsConfirmation
        self.deliveries = deliveries
    }
}

/// How far a message has come with one consumer.
package enum DeliveryFate: Equatable, Sendable {
    /// The consumer began behind it.
    case before
    /// Confirmed or passed over; when, where that is known.
    case done(at: WallTime?)
    /// It is to be handed over, after `again` where it failed; `isReturned` where it was a dead letter.
    case waiting(attempts: Int, again: Duration?, isReturned: Bool)
    /// A dead letter that an operator has discarded.
    case discarded(at: WallTime)
    case dead(attempts: Int, reason: String, at: WallTime)
}
