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
