package import MPushModel

extension RouteSchedule {
    /// A message's place in the inbox: counted up, never used twice.
    package typealias Position = Int64

    /// How a route goes about its messages.
    package struct Settings: Equatable, Sendable {
        package var concurrency: Int
        package var retry: RetryPolicy

        /// With 1 at once the order is kept.
        package init(concurrency: Int, retry: RetryPolicy) {
            self.concurrency = max(1, concurrency)
            self.retry = retry
        }
    }

    /// How far the route had come, as it was recorded.
    package struct Past: Equatable, Sendable {
        /// A message that was tried in vain.
        package struct Attempted: Equatable, Sendable {
            package let position: Position
            package let attempts: Int
            package let due: Instant

            package init(position: Position, attempts: Int, due: Instant) {
                self.position = position
                self.attempts = attempts
                self.due = due
            }
        }

        package var cursor: Position
        package var settledAhead: [Position]
        package var attempted: [Attempted]
        package var returned: [Position]

        package init(
            cursor: Position, settledAhead: [Position] = [], attempted: [Attempted] = [], returned: [Position] = []
        ) {
            self.cursor = cursor
            self.settledAhead = settledAhead
            self.attempted = attempted
            self.returned = returned
        }
    }

    /// A message that there is.
    package struct Offer: Equatable, Sendable {
        package let position: Position
        /// Bytes of content.
        package let size: Int
        /// What the filter says.
        package let isWanted: Bool

        package init(position: Position, size: Int, isWanted: Bool) {
            self.position = position
            self.size = size
            self.isWanted = isWanted
        }
    }

    /// How an attempt ended.
    package enum Result: Equatable, Sendable {
        case confirmed
        /// May be tried again, after what the target asked for where it did.
        case failed(String, retryAfter: Duration?)
        /// In vain.
        case rejected(String)
        /// It was no attempt.
        case abandoned
    }

    /// What is to be recorded.
    package enum Change: Equatable, Sendable {
        /// All up to here is settled.
        case advanced(to: Position)
        /// Settled ahead of another, or a returned dead letter.
        case settled(Position)
        case consumed(Position)
        /// To be tried again after `wait`.
        case attempted(Position, attempts: Int, wait: Duration)
        case buried(Position, attempts: Int, reason: String)
    }

    /// What is to be done.
    package enum Action: Equatable, Sendable {
        /// Get the next messages of the inbox; `fetched` or `fetchFailed` says how that went.
        case fetch(after: Position, limit: Int)
        /// Get this one; `fetchedReturned` or `fetchFailed` says how that went.
        case fetchReturned(Position)
        case start(Position, attempt: Int)
        case record([Change])
        /// The message is not needed in memory any more.
        case forget(Position)
        /// Call `deadlineReached` then; nil takes it back.
        case setDeadline(Instant?)
    }

    /// A message in the window: wanted, and not settled.
    struct Entry {
        enum Phase: Equatable {
            case ready
            case running
            case waiting(until: Instant)
        }

        let position: Position
        let size: Int
        var attempts: Int
        var phase: Phase
    }

    /// A dead letter that is to be sent again.
    struct Returned {
        enum Phase {
            /// In `returnedQueue`.
            case waiting
            case fetching
            case running
        }

        var attempts: Int
        var phase: Phase
    }
}

/// How often, and how long after each other, a route tries to hand a message over.
package struct RetryPolicy: Equatable, Sendable {
    /// Attempts at one message before it goes to the dead letters, the first one counted; at least 1.
    package var attempts: Int
    /// The wait after the first failure; it doubles from failure to failure.
    package var shortestWait: Duration
    /// No wait is longer, but for one that the peer asked for (Retry-After), which has a bound of its own.
    package var longestWait: Duration

    package init(attempts: Int = 10, shortestWait: Duration = .seconds(1), longestWait: Duration = .seconds(300)) {
        self.attempts = attempts
        self.shortestWait = shortestWait
        self.longestWait = longestWait
    }
}
