package import MPushModel

/// Names a durable consumer; routes and followers have names of their own.
package enum ConsumerName: Hashable, Sendable {
    case route(String)
    case follower(String)
}

/// How far a durable consumer (a route, a named follower) has come.
package struct ConsumerState: Equatable, Sendable {
    /// A message that was tried and is to be tried again.
    package struct Attempted: Equatable, Sendable {
        package let position: MessagePosition
        package let attempts: Int
        /// What is left of the wait until then, when this was asked for: never negative.
        package let wait: Duration

        package init(position: MessagePosition, attempts: Int, wait: Duration) {
            self.position = position
            self.attempts = attempts
            self.wait = wait
        }
    }

    /// Everything up to here is settled: confirmed, not wanted, or a dead letter.
    package let cursor: MessagePosition
    /// Settled though something before it is not; all beyond `cursor`, in order.
    package let settledAhead: [MessagePosition]
    /// Tried in vain so far; in order.
    package let attempted: [Attempted]
    /// Dead letters that somebody wants sent again, wherever the cursor is; in order.
    package let returned: [MessagePosition]
    /// How many dead letters there are.
    package let deadLetters: Int

    package init(
        cursor: MessagePosition, settledAhead: [MessagePosition] = [], attempted: [Attempted] = [],
        returned: [MessagePosition] = [], deadLetters: Int = 0
    ) {
        self.cursor = cursor
        self.settledAhead = settledAhead
        self.attempted = attempted
        self.returned = returned
        self.deadLetters = deadLetters
    }
}

/// What a consumer has done, to be recorded. Survives the death of the process at once; a power cut may undo the last
/// ones, and the messages are handed over again then.
package enum ConsumerChange: Equatable, Sendable {
    /// Everything up to here is settled; what was recorded of it one by one is forgotten, dead letters apart.
    case advanced(to: MessagePosition)
    /// This one is settled, though something before it is not; or it was a returned dead letter.
    case settled(MessagePosition)
    /// A consumer confirmed it: it is remembered for messages that await that, so that a duplicate is acknowledged.
    case consumed(MessagePosition)
    /// Tried in vain, to be tried again after `wait`.
    case attempted(MessagePosition, attempts: Int, wait: Duration)
    /// Given up.
    case buried(MessagePosition, attempts: Int, reason: String, at: WallTime)
}

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
