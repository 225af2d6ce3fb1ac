import ArgumentParser
import Glibc
import MPushControl
import MPushJSON
import MPushModel
import MPushPlatform

/// `mpushctl history`: what the journal knows of outages, and the daemon of those that last.
struct HistoryCommand: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "history", abstract: "The outages of the past, from the journal.",
        discussion: """
            When connections were away, for how long and why, and when mpushd did not run. Only root and members of the \
            groups adm and systemd-journal may read the journal.
            """)

    /// How often it is looked for when a process that was killed was there last: a daemon that fails at each start is not worth
    /// more time.
    private static let mostLookups = 100

    @OptionGroup var common: CommonOptions

    @Option(help: ArgumentHelp("Only this identity.", valueName: "name"))
    var identity: String?

    @Option(
        help: ArgumentHelp(
            "Since then: 90min, 2d, today, yesterday, 14:30, 2026-11-22, \"2026-11-22 14:30\".", valueName: "time"))
    var since = "7d"

    func validate() throws {
        if TimeWords.time(since, at: MachineClock().wall) == nil {
            throw ValidationError("--since: \(TimeWords.rule)")
        }
    }

    func run(_ client: ControlClient, _ terminal: Terminal) throws(ControlFailure) {
        let now = MachineClock().wall
        guard let since = TimeWords.time(self.since, at: now) else { return }
        guard let unit = common.unit else {
            throw .usage(
                "history asks the journal of a service: without --socket and $MPUSHD_SOCKET, or with --instance")
        }
        let journal = ServiceJournal(unit: unit)
        let (before, records) = try journal.records(since: since)
        guard let last = records.last ?? before else {
            throw .nothingInJournal(of: unit, isRoot: geteuid() == 0)
        }
        var lookups = HistoryCommand.mostLookups
        var history = OutageHistory(records, before: before, since: since, now: now) { start, previous in
            lookups -= 1
            return lookups < 0 ? nil : journal.lastSign(after: previous, before: start)
        }
        var complaint: ControlFailure?
        do throws(ControlFailure) {
            for report in try client.get(ControlAPI.status, NoQuery()).identities {
                history.isThere(report.name, in: HistoryCommand.gap(of: report, at: now))
            }
        } catch {
            complaint = error
        }
        if case .notThere? = complaint, !history.isStopped, let sign = journal.lastSign(after: last) {
            history.isAway(since: sign)
        }
        if let identity {
            if complaint == nil, !history.identities.contains(identity) { try client.check(identity: identity) }
            history = history.only(identity)
        }
        try show(history, terminal)
        if let complaint, !history.isStopped { terminal.note("Outages that last are not in it: \(complaint.sentence)") }
    }

    private static func gap(of report: IdentityReport, at now: WallTime) -> OutageHistory.Gap? {
        report.outage.map { outage in
            OutageHistory.Gap(
                identity: report.name, began: now.advanced(by: .zero - outage.age),
                attempts: Int(clamping: outage.attempts), reason: report.lastLoss?.sentence)
        }
    }

    private func show(_ history: OutageHistory, _ terminal: Terminal) throws(ControlFailure) {
        guard !common.json else { return try terminal.say(history.json.text) }
        let style = Style(isColoured: terminal.isColoured)
        if !history.gaps.isEmpty {
            let table = ColumnTable(
                head: ["FROM", "UNTIL", "IDENTITY", "WHAT"], width: common.width(on: terminal), style: style)
            try terminal.say(table.lines(history.gaps.map { $0.cells(at: history.now) }).joined(separator: "\n"))
        }
        try terminal.say("Since \(history.since.humanReadable(at: history.now)): \(history.summary)")
    }
}

extension OutageHistory {
    /// Whether the daemon does not run, as the journal has it.
    fileprivate var isStopped: Bool { gaps.contains { $0.identity == nil && $0.ended == nil } }

    fileprivate var json: JSONValue {
        .object([
            "since": .string(since.rfc3339), "until": .string(now.rfc3339),
            "online_share": share.flatMap { JSONNumber(($0 * 1_000_000).rounded(.down) / 1_000_000) }.map(
                JSONValue.number),
            "outages": .array(gaps.map { $0.json(at: now) }),
        ])
    }
}

extension OutageHistory.Gap {
    fileprivate func cells(at now: WallTime) -> [String] {
        let length = length(at: now).humanReadable
        let count = attempts == 0 ? "" : ", \(attempts.grouped) \(attempts == 1 ? "attempt" : "attempts")"
        let what =
            identity == nil
            ? "\(reason ?? "mpushd did not run") (\(length))"
            : "offline \(length)\(count)" + (reason.map { ": " + $0.shown(atMost: 200) } ?? "")
        return [
            began.humanReadable(at: now), ended?.humanReadable(at: now) ?? "now", identity?.shown(atMost: 40) ?? "-",
            what,
        ]
    }

    fileprivate func json(at now: WallTime) -> JSONValue {
        .object([
            "identity": identity.map(JSONValue.string), "from": .string(began.rfc3339),
            "until": ended.map { .string($0.rfc3339) },
            "seconds": .number(JSONNumber(length(at: now).wholeMilliseconds / 1000)),
            "attempts": .number(JSONNumber(Int64(attempts))), "reason": reason.map(JSONValue.string),
        ])
    }
}
