import MPushModel

/// The times in which messages could not come: a connection was away, or the daemon did not run. From records of the journal.
struct OutageHistory {
    struct Gap: Equatable {
        /// Whose connection was away; nil for all, as the daemon did not run.
        var identity: String?
        var began: WallTime
        /// nil for one that lasts.
        var ended: WallTime?
        var attempts = 0
        /// In words; nil where nobody knows.
        var reason: String?

        func length(at now: WallTime) -> Duration { began.duration(to: ended ?? now) }
    }

    /// From here on something is known.
    private(set) var since: WallTime
    let now: WallTime
    /// In the order in which they ended; those that last come last.
    private(set) var gaps: [Gap] = []
    /// Those that were connected, or are away.
    private(set) var identities: Set<String> = []

    /// Since when connections have been away, and why.
    private var away: [String: (since: WallTime, reason: String?)] = [:]

    /// Shorter ones have missed nothing, as in the journal.
    private static let shortest = Duration.seconds(1)
    private static let stopped = "mpushd was stopped"

    /// - Parameters:
    ///   - before: the last record before `since`; nil where there is none, and nobody knows what was then.
    ///   - lastSign: when there was a sign of life last before a start that no end went before, and the record before that.
    init(
        _ records: [JournalRecord], before: JournalRecord?, since: WallTime, now: WallTime,
        lastSign: (_ start: JournalRecord, _ previous: JournalRecord) -> WallTime?
    ) {
        self.since = before == nil ? records.first?.time ?? since : since
        self.now = now
        var previous = before
        for record in records {
            // What comes after the word that it ends is of that end.
            if previous?.kind == .stopping, record.kind != .started { continue }
            switch record.kind {
            case .started: started(record, after: previous, lastSign)
            case .lost(let identity, let reason):
                identities.insert(identity)
                away[identity] = away[identity] ?? (record.time, reason)
            case .online(let identity, let outage):
                identities.insert(identity)
                away[identity] = nil
                guard let outage else { break }
                add(
                    Gap(
                        identity: identity, began: record.time.advanced(by: .zero - outage.length), ended: record.time,
                        attempts: outage.attempts, reason: outage.reason))
            case .stopping: ended(at: record.time)
            case .other: break
            }
            previous = record
        }
        if let previous, previous.kind == .stopping { add(Gap(began: previous.time, reason: OutageHistory.stopped)) }
    }

    private mutating func started(
        _ start: JournalRecord, after previous: JournalRecord?,
        _ lastSign: (_ start: JournalRecord, _ previous: JournalRecord) -> WallTime?
    ) {
        guard let previous else { return }
        defer { away = [:] }
        if previous.kind == .stopping {
            add(Gap(began: previous.time, ended: start.time, reason: OutageHistory.stopped))
        } else if let last = lastSign(start, previous) {
            let who = start.boot == previous.boot ? "mpushd" : "the machine"
            ended(at: last)
            add(Gap(began: last, ended: start.time, reason: "\(who) ended without a word"))
        }
    }

    /// The daemon that begins anew counts its outages anew: those that last are told here.
    private mutating func ended(at time: WallTime) {
        for (identity, outage) in away.sorted(by: { $0.key < $1.key }) {
            add(Gap(identity: identity, began: outage.since, ended: time, reason: outage.reason))
        }
        away = [:]
    }

    /// The daemon is not there, though no record says that it ended; the last sign of life was at `time`.
    mutating func isAway(since time: WallTime) {
        ended(at: time)
        add(Gap(began: time, reason: "mpushd ended without a word"))
    }

    private mutating func add(_ gap: Gap) {
        if gap.ended == nil || gap.length(at: now) >= OutageHistory.shortest || gap.attempts > 0 { gaps.append(gap) }
    }

    /// An identity that is there now, and the outage that it is in.
    mutating func isThere(_ identity: String, in outage: Gap?) {
        identities.insert(identity)
        if let outage { add(outage) }
    }

    /// What concerns `identity`.
    func only(_ identity: String) -> OutageHistory {
        var history = self
        history.gaps.removeAll { $0.identity != nil && $0.identity != identity }
        history.identities.formIntersection([identity])
        return history
    }

    /// The share of the time in which messages could come, of all identities; nil where there is none, or no time.
    var share: Double? {
        let length = since.duration(to: now)
        guard !identities.isEmpty, length > .zero else { return nil }
        let away = gaps.reduce(0.0) { sum, gap in
            let inside = max(gap.began, since).duration(to: gap.ended ?? now)
            return sum + max(0, inside / length) * (gap.identity == nil ? Double(identities.count) : 1)
        }
        return max(0, 1 - away / Double(identities.count))
    }

    /// `online 99.4 %, 7 outages, longest 3 h 31 min`
    var summary: String {
        let outages = gaps.filter { $0.identity != nil }
        let stops = gaps.count - outages.count
        var parts: [String] = []
        if let share { parts.append("online \(OutageHistory.percent(share)) %") }
        let count = outages.count
        parts.append(count == 0 ? "no outage" : count == 1 ? "1 outage" : "\(count.grouped) outages")
        if let longest = outages.map({ $0.length(at: now) }).max() { parts.append("longest \(longest.humanReadable)") }
        if stops > 0 { parts.append("mpushd was away \(stops == 1 ? "once" : "\(stops.grouped) times")") }
        return parts.joined(separator: ", ")
    }

    /// With two digits where they are needed; less than all is never shown as all.
    private static func percent(_ share: Double) -> String {
        let (whole, rest) = Int((share * 10_000).rounded(.down)).quotientAndRemainder(dividingBy: 100)
        let digits = String(100 + rest).dropFirst()
        return rest == 0 ? "\(whole)" : "\(whole).\(rest % 10 == 0 ? digits.dropLast() : digits)"
    }
}

extension WallTime {
    fileprivate func duration(to other: WallTime) -> Duration {
        let (length, overflow) = other.millisecondsSince1970.subtractingReportingOverflow(millisecondsSince1970)
        return .milliseconds(overflow ? .max : length)
    }
}
