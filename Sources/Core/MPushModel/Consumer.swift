/// Names a durable consumer; routes and followers have names of their own.
package enum ConsumerName: Hashable, Sendable {
    case route(String)
    case follower(String)

    /// The name without what it names.
    package var text: String {
        switch self {
        case .route(let name), .follower(let name): name
        }
    }
}

/// A durable consumer as the inbox knows it.
package struct Consumer: Equatable, Sendable {
    package let name: ConsumerName
    /// Everything up to here is settled.
    package var cursor: MessagePosition
    /// Messages beyond the cursor that are settled, dead letters not counted.
    package var settledAhead: Int
    package var deadLetters: Int
    /// Whether somebody uses it: then what it has not settled is kept as long as the bounds allow.
    package var isActive: Bool

    package init(
        name: ConsumerName, cursor: MessagePosition, settledAhead: Int = 0, deadLetters: Int = 0, isActive: Bool = true
    ) {
        self.name = name
        self.cursor = cursor
        self.settledAhead = settledAhead
        self.deadLetters = deadLetters
        self.isActive = isActive
    }
}

/// How far a durable consumer (a route, a named follower) has come, message by message.
package struct ConsumerProgress: Equatable, Sendable {
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
    /// Settled though something before it is not; all beyond `cursor`, in order. Dead letters among them.
    package let settledAhead: [MessagePosition]
    /// Tried in vain so far; in order.
    package let attempted: [Attempted]
    /// Dead letters that somebody wants sent again, wherever the cursor is; in order.
    package let returned: [MessagePosition]
    /// An operator wants nothing handed over, for what was left of that when this was asked for; nil for no such wish.
    package let pause: RoutePause?

    package init(
        cursor: MessagePosition, settledAhead: [MessagePosition] = [], attempted: [Attempted] = [],
        returned: [MessagePosition] = [], pause: RoutePause? = nil
    ) {
        self.cursor = cursor
        self.settledAhead = settledAhead
        self.attempted = attempted
        self.returned = returned
        self.pause = pause
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
    /// Given up: a dead letter from now on.
    case buried(MessagePosition, attempts: Int, reason: String)

    /// Whether a message becomes a dead letter by it.
    package var isBurial: Bool {
        switch self {
        case .buried: true
        case .advanced, .settled, .consumed, .attempted: false
        }
    }
}
