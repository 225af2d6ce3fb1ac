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
