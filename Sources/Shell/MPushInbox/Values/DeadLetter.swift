package import MPushModel

/// A message that a route has given up.
package struct DeadLetter: Equatable, Sendable {
    package let message: StoredMessage
    /// The route's name.
    package let consumer: ConsumerName
    package let attempts: Int
    package let reason: String
    package let buried: WallTime

    package init(message: StoredMessage, consumer: ConsumerName, attempts: Int, reason: String, buried: WallTime) {
        self.message = message
        self.consumer = consumer
        self.attempts = attempts
        self.reason = reason
        self.buried = buried
    }
}
