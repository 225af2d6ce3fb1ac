import MPushModel
import MPushSystemd
import MPushWorld

/// The journal of a world: what the daemon says goes into the trace, and is counted.
final class WorldLog: LogSink, @unchecked Sendable {
    private let scheduler: WorldScheduler
    /// Lines of the hour that is under way, without what is only for looking for faults.
    private(set) var linesInHour = 0
    /// The most that came in an hour.
    private(set) var busiestHour = 0
    private var hour: Int64 = 0

    init(on scheduler: WorldScheduler) {
        self.scheduler = scheduler
    }

    func write(_ record: LogRecord) {
        let now = scheduler.elapsed
        let current = now.components.seconds / 3600
        if current != hour { (hour, linesInHour) = (current, 0) }
        linesInHour += 1
        busiestHour = max(busiestHour, linesInHour)
        scheduler.trace.note(0x106, UInt64(record.text.utf8.count), "\(record.level.rawValue): \(record.text)")
    }
}
