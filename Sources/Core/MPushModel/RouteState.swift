/// What a route is doing, in the one word that the local API, `mpushctl` and the metrics share.
package enum RouteState: String, CaseIterable, Sendable {
    /// It waits for the inbox to say how far it has come.
    case starting
    /// An operator wants nothing handed over.
    case paused
    /// The target is seen to be down: one message at a time is tried, more and more seldom.
    case down
    /// It waits after a failure.
    case retrying
    /// It has handed over as many in this minute as it may.
    case limited
    case working
    /// Nothing waits.
    case idle
}

/// How long an operator wants a route to hand nothing over.
package enum RoutePause: Equatable, Sendable {
    case untilResumed
    /// So long from now.
    case lasting(Duration)
}

/// How often something happened within the last minute, to the second: as many numbers whatever is counted.
package struct MinuteCount: Equatable, Sendable {
    private struct Second: Equatable {
        let begun: Instant
        var count: Int
    }

    /// What is counted stays for a minute and for the second that it is counted in.
    private static let span = Duration.seconds(61)
    private static let second = Duration.seconds(1)

    private var seconds: [Second] = []

    package init() {}

    package mutating func count(at now: Instant) {
        if let last = seconds.indices.last, now - seconds[last].begun < MinuteCount.second {
            seconds[last].count += 1
            return
        }
        seconds.removeAll { now - $0.begun >= MinuteCount.span }
        seconds.append(Second(begun: now, count: 1))
    }

    package func total(at now: Instant) -> Int {
        seconds.reduce(0) { now - $1.begun < MinuteCount.span ? $0 + $1.count : $0 }
    }

    /// When the first of those that `total` counts is counted no more.
    package func nextChange(after now: Instant) -> Instant? {
        seconds.lazy.map { $0.begun + MinuteCount.span }.first { $0 > now }
    }
}
