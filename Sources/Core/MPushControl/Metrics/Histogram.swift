/// A number that only grows, from the start of the process.
package struct Counter: Equatable, Sendable {
    package private(set) var value: UInt64 = 0

    package init() {}

    /// Counts; at the end of its range it stays there.
    package mutating func count(_ amount: UInt64 = 1) {
        let (sum, isOver) = value.addingReportingOverflow(amount)
        value = isOver ? .max : sum
    }
}

/// How often durations fell between fixed bounds.
package struct Histogram: Equatable, Sendable {
    /// The bounds of buckets, each as its upper end, which belongs to it.
    package enum Buckets: Sendable {
        /// Times over a network: 5 ms to 30 s.
        case network
        /// Times on this machine: 250 us to 5 s.
        case local
        /// From a message's arrival until it is delivered, outages included: 5 ms to a day.
        case delivery
        /// What programs and webhooks take: 5 ms to 5 min.
        case attempt

        /// In order. The bucket for all that is longer comes on top.
        package var bounds: [Duration] {
            switch self {
            case .network: Buckets.ofNetwork
            case .local: Buckets.ofMachine
            case .delivery: Buckets.ofDelivery
            case .attempt: Buckets.ofAttempt
            }
        }

        // Made once: they are looked at for each message.
        private static let ofNetwork = milliseconds([5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000])
        private static let ofMachine =
            [.microseconds(250), .microseconds(500)] + milliseconds([1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 5000])
        private static let ofDelivery = milliseconds(
            [5, 25, 100, 500, 1000, 5000, 30_000, 300_000, 3_600_000, 21_600_000, 86_400_000])
        private static let ofAttempt = milliseconds(
            [5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 15_000, 30_000, 60_000, 300_000])

        private static func milliseconds(_ numbers: [Int64]) -> [Duration] { numbers.map { .milliseconds($0) } }
    }

    package let buckets: Buckets
    /// How many fell into each bucket alone; the last is for all that is longer.
    package private(set) var counts: [UInt64]
    package private(set) var sum: Duration = .zero

    /// How many there were.
    package var count: UInt64 { counts.reduce(0, &+) }

    package init(_ buckets: Buckets) {
        self.buckets = buckets
        counts = Array(repeating: 0, count: buckets.bounds.count + 1)
    }

    /// Counts a duration; one below zero counts as zero.
    package mutating func observe(_ duration: Duration) {
        let duration = max(duration, .zero)
        let bounds = buckets.bounds
        counts[bounds.firstIndex { duration <= $0 } ?? bounds.count] &+= 1
        sum += duration
    }

    /// Takes in all that `other`, with the same bounds, has counted.
    package mutating func add(_ other: Histogram) {
        for (index, count) in zip(counts.indices, other.counts) { counts[index] &+= count }
        sum += other.sum
    }
}
