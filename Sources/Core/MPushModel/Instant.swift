/// A reading of `CLOCK_BOOTTIME` (clock_gettime(2)): it only grows, and goes on while the machine sleeps.
///
/// Core never reads a clock; it is told the time with every fact. Tests step it as they like.
package struct Instant: Hashable, Comparable, Sendable {
    /// Time since the machine was started.
    package let sinceBoot: Duration

    /// The reading that lies `sinceBoot` after the start of the machine.
    package init(sinceBoot: Duration) {
        self.sinceBoot = sinceBoot
    }

    /// The start of the machine: where simulated clocks begin.
    package static let zero = Instant(sinceBoot: .zero)

    package static func < (left: Instant, right: Instant) -> Bool {
        left.sinceBoot < right.sinceBoot
    }

    package static func + (instant: Instant, duration: Duration) -> Instant {
        Instant(sinceBoot: instant.sinceBoot + duration)
    }

    package static func - (later: Instant, earlier: Instant) -> Duration {
        later.sinceBoot - earlier.sinceBoot
    }

    package static func += (instant: inout Instant, duration: Duration) {
        instant = instant + duration
    }
}

extension Duration {
    /// The whole milliseconds in this duration, cut towards zero and held to what an Int64 can say.
    package var wholeMilliseconds: Int64 {
        let (seconds, attoseconds) = components
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1000)
        if overflow { return seconds < 0 ? .min : .max }
        let (sum, carry) = product.addingReportingOverflow(attoseconds / 1_000_000_000_000_000)
        return carry ? (seconds < 0 ? .min : .max) : sum
    }

    /// The whole nanoseconds in this duration, cut towards zero and held to what an Int64 can say.
    package var wholeNanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        if overflow { return seconds < 0 ? .min : .max }
        let (sum, carry) = product.addingReportingOverflow(attoseconds / 1_000_000_000)
        return carry ? (seconds < 0 ? .min : .max) : sum
    }

    /// This duration in seconds, for display and for metrics only.
    package var inSeconds: Double {
        let (seconds, attoseconds) = components
        return Double(seconds) + Double(attoseconds) / 1e18
    }
}

extension Duration {
    /// Rounded up to whole seconds, as what is left of a span is said: an hour is not 59 min 59 s a moment later.
    package var wholeSecondsUp: Duration {
        let (seconds, attoseconds) = components
        return .seconds(attoseconds > 0 && seconds < .max ? seconds + 1 : seconds)
    }

    /// The duration as a person says it, in its two largest units: `71 ms`, `1.4 s`, `55 s`, `201 s`, `9 min 5 s`,
    /// `3 h 12 min`, `61 d 4 h`.
    ///
    /// Seconds are kept up to 5 min, because the figures of a heartbeat are read that way.
    package var humanReadable: String {
        if self < .zero { return "-" + (.zero - self).humanReadable }
        let milliseconds = wholeMilliseconds
        if milliseconds < 1000 { return "\(milliseconds) ms" }
        let seconds = milliseconds / 1000
        if milliseconds < 10_000 {
            let tenth = milliseconds % 1000 / 100
            return tenth == 0 ? "\(seconds) s" : "\(seconds).\(tenth) s"
        }
        if seconds < 300 { return "\(seconds) s" }
        if seconds < 3600 { return Duration.pair(seconds / 60, "min", seconds % 60, "s") }
        if seconds < 86_400 { return Duration.pair(seconds / 3600, "h", seconds % 3600 / 60, "min") }
        return Duration.pair(seconds / 86_400, "d", seconds % 86_400 / 3600, "h")
    }

    private static func pair(_ large: Int64, _ largeUnit: String, _ small: Int64, _ smallUnit: String) -> String {
        small == 0 ? "\(large) \(largeUnit)" : "\(large) \(largeUnit) \(small) \(smallUnit)"
    }
}

extension Instant {
    /// Whether a deadline is over for so long at `now` that the machine must have slept: nobody comes a second late who was
    /// awake. What is awaited has had no time yet.
    package func wasSleptThrough(at now: Instant) -> Bool { now - self >= .seconds(1) }
}
