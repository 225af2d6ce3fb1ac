import MPushSystemd
import Synchronization

/// Keeps the records that are written to it.
final class MemorySink: LogSink {
    private let kept = Mutex<[LogRecord]>([])

    var records: [LogRecord] { kept.withLock { $0 } }

    func write(_ record: LogRecord) {
        kept.withLock { $0.append(record) }
    }
}
