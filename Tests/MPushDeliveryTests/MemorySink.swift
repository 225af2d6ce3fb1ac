import MPushModel
import MPushSystemd
import NIOConcurrencyHelpers

/// Keeps the records that are written to it.
final class MemorySink: LogSink {
    private let kept = NIOLockedValueBox<[LogRecord]>([])

    var records: [LogRecord] { kept.withLockedValue { $0 } }

    func write(_ record: LogRecord) {
        kept.withLockedValue { $0.append(record) }
    }

    /// Of records that are of no kind of event.
    func texts(of level: LogLevel) -> [String] {
        records.filter { $0.event == nil && $0.level == level }.map(\.text)
    }

    func texts(_ event: LogEvent) -> [String] { records.filter { $0.event == event }.map(\.text) }
}
