import CSystemd
import Glibc
import MPushModel

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

/// The device and inode of a stream that systemd connected to the journal, as JOURNAL_STREAM tells them
/// (systemd.exec(5)). A child that got another standard error still has the variable: only the comparison counts.
package struct JournalStream: Equatable, Sendable {
    /// The device number of the stream.
    package let device: UInt64
    /// The inode number of the stream.
    package let inode: UInt64

    /// The stream that `text` names in the form `device:inode`, in decimal; nil when it does not.
    package init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let device = UInt64(parts[0]), let inode = UInt64(parts[1]) else { return nil }
        self.device = device
        self.inode = inode
    }

    /// The stream that `descriptor` stands for; nil when it is not open.
    package init?(descriptor: CInt) {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return nil }
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
    }

    /// Whether what is written to `descriptor` goes to the journal.
    package static func isConnected(to descriptor: CInt, environment: ServiceEnvironment = .process) -> Bool {
        guard let named = environment["JOURNAL_STREAM"].flatMap({ JournalStream($0) }) else { return false }
        return named == JournalStream(descriptor: descriptor)
    }
}
