import CSystemd
import Glibc

/// Writes records to the journal in its native protocol, so that fields stay fields (sd_journal_sendv(3)).
///
/// The call waits while journald is behind with reading, as it does for every service; journald's own watchdog ends
/// that if it hangs. So it is not for an event loop.
package struct JournalSink: LogSink {
    private let identifier: String
    private let fallback: any LogSink

    /// - Parameters:
    ///   - identifier: the value of SYSLOG_IDENTIFIER, the program's name in `journalctl`'s lines.
    ///   - fallback: takes what the journal refused.
    package init(identifier: String, fallback: any LogSink) {
        self.identifier = identifier
        self.fallback = fallback
    }

    package func write(_ record: LogRecord) {
        if !JournalSink.send(entries(of: record)) { fallback.write(record) }
    }

    /// The entries `NAME=value` of `record`, in the order in which they are sent.
    package func entries(of record: LogRecord) -> [String] {
        var entries = [
            "MESSAGE=\(record.text)", "PRIORITY=\(record.level.priority)", "SYSLOG_IDENTIFIER=\(identifier)",
        ]
        if let event = record.event { entries.append("MESSAGE_ID=\(event.messageID)") }
        return entries + record.fields.map { "\($0.name.rawValue)=\($0.value)" }
    }

    private static func send(_ entries: [String]) -> Bool {
        var bytes = entries.flatMap(\.utf8)
        return bytes.withUnsafeMutableBytes { buffer in
            var start = 0
            let vectors = entries.map { entry in
                defer { start += entry.utf8.count }
                return iovec(iov_base: buffer.baseAddress.map { $0 + start }, iov_len: entry.utf8.count)
            }
            return sd_journal_sendv(vectors, CInt(vectors.count)) >= 0
        }
    }
}
