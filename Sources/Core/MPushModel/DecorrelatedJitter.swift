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

/// A small random number generator whose whole state is one seed, so that a machine that draws from it stays a value
/// and a test can repeat its run. For jitter and shuffling only, never for keys.
///
/// Source: G. Steele, D. Lea, C. Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014.
package struct SplitMix64: RandomNumberGenerator, Sendable {
    private var state: UInt64

    /// A generator that yields the same numbers for the same `seed`.
    package init(seed: UInt64) {
        state = seed
    }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
