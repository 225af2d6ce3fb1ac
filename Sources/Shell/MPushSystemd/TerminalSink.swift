import CLinux
import Glibc
package import MPushModel
package import MPushPlatform

/// Writes records as lines of text to a descriptor, each line with one write(2), so that lines of several threads and
/// programs do not mix. A descriptor that blocks is waited for; what another does not take at once is lost.
package struct TerminalSink: LogSink {
    private let descriptor: CInt
    private let format: LineFormat
    private let clock: any ClockSource

    /// A sink that writes to `descriptor`, which stays the caller's.
    package init(descriptor: CInt, format: LineFormat, clock: any ClockSource) {
        self.descriptor = descriptor
        self.format = format
        self.clock = clock
    }

    package func write(_ record: LogRecord) {
        let line = Array(format.line(for: record, at: clock.wall).utf8)
        _ = clinux_write_all(descriptor, line, line.count, 0)
    }
}

/// How a record becomes a line of text.
package enum LineFormat: Equatable, Sendable {
    /// For people: `10:11:12.123  warning  connection lost: ...`, local time, the level coloured if `colour`.
    case terminal(colour: Bool)
    /// For files and pipes: `2026-11-22T10:11:12.123Z warning connection lost: ...`, in UTC (RFC 3339).
    case plain

    /// The format that suits `descriptor`. A terminal gets colours unless it is a dumb one or NO_COLOR is set and not
    /// empty (https://no-color.org).
    package init(for descriptor: CInt, environment: ServiceEnvironment = .process) {
        guard isatty(descriptor) == 1 else {
            self = .plain
            return
        }
        let refused = !(environment["NO_COLOR"] ?? "").isEmpty || environment["TERM"] == "dumb"
        self = .terminal(colour: !refused)
    }

    /// `record` as a line with its end, stamped with `time`.
    package func line(for record: LogRecord, at time: WallTime) -> String {
        switch self {
        case .plain:
            return "\(time.rfc3339) \(record.level.rawValue) \(record.text)\n"
        case .terminal(let colour):
            let word = record.level.rawValue + String(repeating: " ", count: max(0, 7 - record.level.rawValue.count))
            let level = colour ? record.level.colour + word + "\u{1b}[0m" : word
            return "\(time.localClockText)  \(level)  \(record.text)\n"
        }
    }
}

extension LogLevel {
    /// The sequence that colours the level's word (ECMA-48, Select Graphic Rendition).
    fileprivate var colour: String {
        switch self {
        case .debug: "\u{1b}[2m"
        case .info: "\u{1b}[32m"
        case .notice: "\u{1b}[1;36m"
        case .warning: "\u{1b}[1;33m"
        case .error: "\u{1b}[1;31m"
        }
    }
}
