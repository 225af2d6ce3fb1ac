package import MPushModel

/// Decides which of the lines that an identity repeats are worth writing: the first few, and then one after each pause that is
/// twice the last one, up to half an hour, which says how many there were meanwhile. What each attempt meets, or each
/// heartbeat, for days would fill the journal with nothing new. After half an hour without it is news again.
package struct RepeatDigest: Equatable, Sendable {
    /// What a line is about.
    package enum Topic: CaseIterable, Sendable {
        case openedWithoutUser
        case resumeRefused
        case absurdHeartbeat
        case readMissed
        case unknownCommand
        case complaint
        case kickOfAnother
        case messageTooLong

        /// What is the same each time is said once, what may differ a few times.
        fileprivate var mostAtFirst: Int {
            switch self {
            case .openedWithoutUser, .resumeRefused, .absurdHeartbeat: 1
            case .readMissed, .unknownCommand, .complaint, .kickOfAnother, .messageTooLong: 3
            }
        }
    }

    /// What becomes of one line.
    package enum Verdict: Equatable, Sendable {
        /// It is news; so many before it were not written.
        case written(left: Int)
        case left
    }

    private struct Series: Equatable {
        var first = 0
        var left = 0
        var lastSeen: Instant
        var lastWritten: Instant
        var isWritten = true
        var pause = RepeatDigest.shortestPause
    }

    private static let shortestPause = Duration.seconds(600)
    private static let longestPause = Duration.seconds(1800)

    private var series: [Topic: Series] = [:]

    package init() {}

    /// A line about `topic` is at hand.
    package mutating func verdict(on topic: Topic, at now: Instant) -> Verdict {
        var series = self.series[topic] ?? Series(lastSeen: now, lastWritten: now)
        defer { self.series[topic] = series }
        if now - series.lastSeen >= RepeatDigest.longestPause {
            series.first = 0
            series.pause = RepeatDigest.shortestPause
        }
        series.lastSeen = now
        if series.first < topic.mostAtFirst {
            series.first += 1
        } else if now - series.lastWritten >= series.pause {
            series.pause = min(series.pause * 2, RepeatDigest.longestPause)
        } else {
            series.left += 1
            series.isWritten = false
            return .left
        }
        series.isWritten = true
        series.lastWritten = now
        defer { series.left = 0 }
        return .written(left: series.left)
    }

    /// What becomes of a line that follows on the last one about `topic`: it is written where that was.
    package func verdict(after topic: Topic) -> Verdict {
        series[topic]?.isWritten ?? true ? .written(left: 0) : .left
    }
}
