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

    /// The records of its starts, its ends and its connections since `time`, the oldest first.
    func records(since time: WallTime) throws(ControlFailure) -> [JournalRecord] {
        try ask(
            ["-u", unit, "-S", ServiceJournal.text(time), "-n", "\(ServiceJournal.mostRecords)"] + JournalRecord.matches
        )
    }

    /// The last of these records before `time`; nil where there is none.
    func record(before time: WallTime) throws(ControlFailure) -> JournalRecord? {
        try ask(["-u", unit, "-U", ServiceJournal.text(time), "-n", "1"] + JournalRecord.matches).last
    }

    /// When there was a sign of life last before the start of a service that had not ended in order: of a process that was killed
    /// the service manager says so at once, of a machine that went down nobody says anything.
    func lastSign(before start: JournalRecord, previous: JournalRecord) -> WallTime? {
        guard start.boot == previous.boot else { return last(["_BOOT_ID=\(previous.boot)"]) }
        guard !previous.run.isEmpty else { return nil }
        return last([
            "\(JournalRecord.run)=\(previous.run)", "+", "INVOCATION_ID=\(previous.run)",
            "MESSAGE_ID=\(ServiceJournal.processExited)",
        ])
    }

    private func last(_ matches: [String]) -> WallTime? { (try? ask(["-n", "1"] + matches))?.last?.time }

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
