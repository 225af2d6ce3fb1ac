package import MPushModel

/// Decides which lines about many identities are worth writing: of those that say the same of one server the first few
/// each minute, and then one that says how many more there were. Thousands of identities that lose one server would fill
/// the journal with nothing new.
package struct FleetDigest: Equatable, Sendable {
    /// What was not written of one server.
    package struct Summary: Equatable, Sendable {
        /// The server; nil for what is about none.
        package let place: Endpoint?
        /// How many lines of each kind, and with which cause.
        package let counts: [Line: Int]

        /// All of them.
        package var total: Int { counts.values.reduce(0, +) }

        /// How much the one that matters most does.
        package var level: LogLevel { counts.keys.map(\.level).max() ?? .debug }
    }

    /// What one line says.
    package struct Line: Hashable, Sendable {
        package let kind: IdentityEvent.Kind
        /// `LossCause.code`
        package let cause: String?
        /// At which it would have been written.
        package let level: LogLevel

        package init(_ kind: IdentityEvent.Kind, cause: String?, level: LogLevel) {
            self.kind = kind
            self.cause = cause
            self.level = level
        }
    }

    private struct Minute: Equatable {
        let end: Instant
        /// Lines of each kind that were written.
        var written: [IdentityEvent.Kind: Int] = [:]
        var left: [Line: Int] = [:]
    }

    /// Lines of one kind about one server that are written in a minute.
    package static let mostWritten = 10
    private static let length = Duration.seconds(60)
    /// Servers that are told apart at a time; others share one count.
    private static let mostPlaces = 64

    private var minutes: [Endpoint?: Minute] = [:]

    package init() {}

    /// Whether a line about `place` is to be written; else it is counted.
    package mutating func admits(_ line: Line, about place: Endpoint?, at now: Instant) -> Bool {
        if minutes.count >= FleetDigest.mostPlaces {
            minutes = minutes.filter { now < $0.value.end || !$0.value.left.isEmpty }
        }
        let place = minutes[place] != nil || minutes.count < FleetDigest.mostPlaces ? place : nil
        var minute = minutes[place] ?? Minute(end: now + FleetDigest.length)
        if minute.left.isEmpty, now >= minute.end { minute = Minute(end: now + FleetDigest.length) }
        defer { minutes[place] = minute }
        guard minute.written[line.kind, default: 0] >= FleetDigest.mostWritten else {
            minute.written[line.kind, default: 0] += 1
            return true
        }
        minute.left[line, default: 0] += 1
        return false
    }

    /// When something is to be summarised; nil for never.
    package var nextDeadline: Instant? { minutes.values.filter { !$0.left.isEmpty }.map(\.end).min() }

    /// What is to be said of the minutes that are over at `now`.
    package mutating func deadlineReached(at now: Instant) -> [Summary] {
        let over = minutes.filter { now >= $0.value.end }
        for place in over.keys { minutes[place] = nil }
        return over.filter { !$0.value.left.isEmpty }.map { Summary(place: $0.key, counts: $0.value.left) }
            .sorted { $0.total > $1.total }
    }
}
