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
