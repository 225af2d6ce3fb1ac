/// How long to wait before the next attempt: each wait is drawn between the shortest and three times the last one,
/// and never longer than the longest. Many clients that lose the same server so spread out by themselves.
///
/// Source: M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015.
package struct DecorrelatedJitter: Sendable, Equatable {
    /// The shortest wait, and where it begins again after `reset()`.
    package let shortest: Duration
    /// The longest wait.
    package let longest: Duration
    private var last: Duration

    /// Waits from `shortest` to `longest`. What is not positive, or upside down, is mended: never a busy loop.
    package init(shortest: Duration, longest: Duration) {
        self.shortest = max(shortest, .milliseconds(1))
        self.longest = max(longest, self.shortest)
        last = self.shortest
    }

    /// The next wait.
    package mutating func next(using generator: inout some RandomNumberGenerator) -> Duration {
        let low = shortest.wholeNanoseconds
        let (tripled, overflow) = last.wholeNanoseconds.multipliedReportingOverflow(by: 3)
        let high = Swift.max(low, overflow ? .max : tripled)
        last = Swift.min(longest, .nanoseconds(Int64.random(in: low...high, using: &generator)))
        return last
    }

    /// Begins again at the shortest wait.
    package mutating func reset() {
        last = shortest
    }
}
