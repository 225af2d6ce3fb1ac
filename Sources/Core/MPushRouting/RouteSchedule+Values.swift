package import MPushModel

extension RouteSchedule {
    /// A message's place in the inbox.
    package typealias Position = MessagePosition

    /// How a route goes about its messages.
    package struct Settings: Equatable, Sendable {
        package var concurrency: Int
        package var retry: RetryPolicy
        /// Attempts in any minute, at most; nil for no bound. A batch is one.
        package var mostPerMinute: Int?
        package var batch: BatchLimits
        /// Whether messages have keys, of which one each is under way at a time.
        package var isOrderedByKey: Bool
        /// Whether one program has all messages that are under way: those that its end has undone come again in their order,
        /// and a wait that it asks for is one message's.
        package var isStream: Bool

        /// With 1 at once the order is kept.
        package init(
            concurrency: Int, retry: RetryPolicy, mostPerMinute: Int? = nil, batch: BatchLimits = .single,
            isOrderedByKey: Bool = false, isStream: Bool = false
        ) {
            self.concurrency = max(1, concurrency)
            self.retry = retry
            self.mostPerMinute = mostPerMinute.map { max(1, $0) }
            self.batch = batch
            self.isOrderedByKey = isOrderedByKey
            self.isStream = isStream
        }

        /// Wanted and unsettled messages in memory, at most: the next batch is there when one ends, and a key whose messages
        /// wait leaves room for others. There are some to start while others are fetched.
        package var mostMessages: Int {
            let forBatches = min(batch.messages * (concurrency + 1), RouteSchedule.mostMessagesForBatches)
            let forKeys = isOrderedByKey && concurrency > 1 ? RouteSchedule.mostMessagesForKeys : 0
            return max(RouteSchedule.mostMessages, 2 * concurrency, forBatches, forKeys)
        }

        /// Bytes of content in memory, beyond which nothing more is asked for or taken.
        var mostBytes: Int {
            batch.messages == 1 ? RouteSchedule.mostBytes : max(RouteSchedule.mostBytes, 2 * min(batch.bytes, 1 << 30))
        }
    }

    /// How long an operator wants nothing handed over.
    enum Suspension: Equatable {
        case untilResumed
        case until(Instant)
    }

    /// A message that there is.
    package struct Offer: Equatable, Sendable {
        package let position: Position
        /// Bytes of content.
        package let size: Int
        /// What the filter says.
        package let isWanted: Bool
        /// Of messages with one key only one is under way, in their order; nil where the route has no keys.
        package let key: String?

        package init(position: Position, size: Int, isWanted: Bool, key: String? = nil) {
            self.position = position
            self.size = size
            self.isWanted = isWanted
            self.key = key
        }
    }

    /// What is to be done.
    package enum Action: Equatable, Sendable {
        /// Get the next messages of the inbox; `fetched` or `fetchFailed` says how that went.
        case fetch(after: Position, limit: Int)
        /// Get this one; `fetchedReturned` or `fetchFailed` says how that went.
        case fetchReturned(Position)
        case start(Position, attempt: Int)
        /// Two or more together; `batchEnded` says how that went.
        case startBatch([Start])
        case record([ConsumerChange])
        /// The message is not needed in memory any more.
        case forget(Position)
        /// Call `deadlineReached` then; nil takes it back.
        case setDeadline(Instant?)

        /// The messages that become dead letters by it.
        package var burials: [(position: Position, attempts: Int, reason: String)] {
            guard case .record(let changes) = self else { return [] }
            return changes.compactMap { change in
                if case .buried(let position, let attempts, let reason) = change {
                    (position, attempts, reason)
                } else {
                    nil
                }
            }
        }
    }

    /// A message in the window: wanted, and not settled.
    struct Entry {
        enum Phase: Equatable {
            case ready
            case running
            case waiting(until: Instant)
        }

        /// What the present filter says.
        enum Verdict {
            case wanted
            /// It is tried no more; only a confirmation of the attempt under way counts.
            case unwanted
            /// The filter changed while it ran: the inbox is asked for it again.
            case pending
        }

        let position: Position
        let size: Int
        var key: String?
        var attempts: Int
        /// So many of them are its own fault: the target took another message after them.
        var proven = 0
        /// Whether it has failed as often as it may, and the target has taken another one since; if it fails once more, it is
        /// given up.
        var isLastChance = false
        var phase: Phase
        /// The message alone is to wait until then, as its stream's program asks; whatever the target does.
        var notBefore: Instant?
        /// Of its last attempt; 0 before the first.
        var number: UInt64 = 0
        /// Whether it is the first, or the only one, of its last attempt.
        var isFirst = true
        var verdict = Verdict.wanted
    }

    /// A dead letter that is to be sent again.
    struct Returned {
        enum Phase {
            /// In `returnedQueue`.
            case waiting
            /// Behind its key.
            case parked
            case fetching
            case running
        }

        var attempts: Int
        /// As of an `Entry`.
        var proven = 0
        var isLastChance = false
        var phase = Phase.waiting
        /// Of its last attempt; 0 before the first.
        var number: UInt64 = 0
        /// While it runs, where the route has keys.
        var key: String?
    }

    /// Dead letters that are to be sent again: any number, so that what is asked of all of them is counted along.
    struct ReturnedMessages {
        private var messages: [Position: Returned] = [:]
        private(set) var running = 0
        /// Fetched or running.
        private(set) var busy = 0
        /// Of those that run.
        private(set) var keys: Set<String> = []

        var count: Int { messages.count }

        subscript(position: Position) -> Returned? {
            get { messages[position] }
            set {
                tally(messages[position], -1)
                messages[position] = newValue
                tally(newValue, 1)
            }
        }

        mutating func set(_ phase: Returned.Phase, of position: Position) {
            guard var message = messages[position] else { return }
            message.phase = phase
            self[position] = message
        }

        mutating func start(_ position: Position, number: UInt64, key: String?) {
            guard var message = messages[position] else { return }
            (message.phase, message.number, message.key) = (.running, number, key)
            self[position] = message
        }

        private mutating func tally(_ message: Returned?, _ change: Int) {
            switch message?.phase {
            case nil, .waiting?, .parked?: break
            case .fetching?: busy += change
            case .running?:
                busy += change
                running += change
                guard let key = message?.key else { return }
                if change > 0 { keys.insert(key) } else { keys.remove(key) }
            }
        }
    }
}

/// How often, and how long after each other, a route tries to hand a message over.
package struct RetryPolicy: Equatable, Sendable {
    /// Attempts at one message before it becomes a dead letter, the first one counted; at least 1.
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
