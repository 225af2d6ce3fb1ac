import MPushJSON
import MPushModel

/// Lines of the journal as journalctl(1) gives them with `-o json`, for people, without what programs of routes wrote: that
/// may be anything.
enum JournalText {
    static let fields = "__REALTIME_TIMESTAMP,SYSLOG_IDENTIFIER,_PID,MESSAGE,MESSAGE_ID"

    static func text(_ journal: String) -> String {
        journal.split(separator: "\n").compactMap(line).joined(separator: "\n")
    }

    /// nil for what is no entry, such as one that was cut.
    private static func line(_ text: Substring) -> String? {
        guard let entry = try? JSONParser.parse(text.utf8), case .object = entry else { return nil }
        let time = (entry["__REALTIME_TIMESTAMP"]?.string).flatMap { Int64($0) }
            .map { WallTime(millisecondsSince1970: $0 / 1000).rfc3339 }
        let sender = entry["SYSLOG_IDENTIFIER"]?.string ?? "?"
        let process = entry["_PID"]?.string.map { "[\($0)]" } ?? ""
        let isOfProgram = entry["MESSAGE_ID"]?.string == ProgramOutput.messageID
        // What is no text is an array of bytes.
        let message = isOfProgram ? nil : entry["MESSAGE"]?.string
        return "\(time ?? "?") \(sender)\(process): \(message ?? Redaction.mark)"
    }
}
