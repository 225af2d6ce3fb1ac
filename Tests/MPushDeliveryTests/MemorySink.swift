import MPushSystemd
import NIOConcurrencyHelpers

/// Keeps the records that are written to it.
final class MemorySink: LogSink {
    private let kept = NIOLockedValueBox<[LogRecord]>([])

    var records: [LogRecord] { kept.withLockedValue { $0 } }

    func write(_ record: LogRecord) {
        kept.withLockedValue { $0.append(record) }
    }

    func texts(_ event: LogEvent) -> [String] { records.filter { $0.event == event }.map(\.text) }
}
