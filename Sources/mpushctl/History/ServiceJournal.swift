import MPushModel
import MPushPlatform

/// The journal of a service, asked by journalctl(1).
struct ServiceJournal {
    /// As many records are read, the newest.
    private static let mostRecords = 20_000
    private static let mostBytes = 64 << 20
    private static let patience = Duration.seconds(20)

    /// What systemd says of a process that failed or was killed (SD_MESSAGE_UNIT_PROCESS_EXIT of sd-messages.h(3)).
    private static let processExited = "98e322203f7a4ed290d09fe03c09fe15"

    let unit: String

    /// The records of its starts, its ends and its connections since `time`, the oldest first, and the one before them; nil where
    /// there is none, or so many came since that nobody knows what was before.
    func records(
        since time: WallTime
    ) throws(ControlFailure) -> (before: JournalRecord?, since: [JournalRecord]) {
        let records = try newest(
            ServiceJournal.mostRecords, ["-u", unit, "-S", ServiceJournal.text(time)] + JournalRecord.matches)
        guard records.count < ServiceJournal.mostRecords else { return (nil, records) }
        return (
            try newest(1, ["-u", unit, "-U", ServiceJournal.text(time)] + JournalRecord.matchesOfLife).first, records
        )
    }

    /// When there was a sign of life last of the run that `record` is of, before `start` where it was followed by another one: of a
    /// process that was killed the service manager says so at once, of a machine that went down nobody says anything.
    func lastSign(after record: JournalRecord, before start: JournalRecord? = nil) -> WallTime? {
        let matches: [String]
        if let start, start.boot != record.boot {
            matches = ["_BOOT_ID=\(record.boot)"]
        } else {
            guard !record.run.isEmpty else { return nil }
            matches = [
                "\(JournalRecord.run)=\(record.run)", "+", "INVOCATION_ID=\(record.run)",
                "MESSAGE_ID=\(ServiceJournal.processExited)",
            ]
        }
        return (try? newest(1, matches))?.first?.time
    }

    /// The oldest of them first. Asked for backwards: with a time as well, journalctl(1) of systemd 253 and older counts from the
    /// wrong end.
    private func newest(_ count: Int, _ arguments: [String]) throws(ControlFailure) -> [JournalRecord] {
        try ask(["-r", "-n", "\(count)"] + arguments).reversed()
    }

    private func ask(_ arguments: [String]) throws(ControlFailure) -> [JournalRecord] {
        let output = ChildOutput.of(
            [
                "journalctl", "--no-pager", "-q", "-o", "json",
                "--output-fields=\(JournalRecord.fields.joined(separator: ","))",
            ] + arguments,
            within: ServiceJournal.patience, atMost: ServiceJournal.mostBytes, clock: MachineClock())
        if let shortfall = output.shortfall {
            let words = [shortfall] + output.text.split(separator: "\n").prefix(1).map(String.init)
            throw .failed("the journal cannot be read: \(words.joined(separator: ": "))")
        }
        return output.text.split(separator: "\n").compactMap(JournalRecord.init)
    }

    /// As journalctl(1) reads it, less a millisecond: what comes at that time itself is not before it.
    private static func text(_ time: WallTime) -> String {
        let milliseconds = max(0, time.millisecondsSince1970 - 1)
        let fraction = String(1000 + milliseconds % 1000).dropFirst()
        return "@\(milliseconds / 1000).\(fraction)"
    }
}
