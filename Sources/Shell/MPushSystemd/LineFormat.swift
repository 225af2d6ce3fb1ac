import Glibc
package import MPushTime

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
            let stamp = LineFormat.date(time) + "T" + LineFormat.clock(time, in: gmtime_r) + "Z"
            return "\(stamp) \(record.level.word) \(record.text)\n"
        case .terminal(let colour):
            let word = LineFormat.padded(record.level.word, to: 7, with: " ", atEnd: true)
            let level = colour ? record.level.colour + word + "\u{1b}[0m" : word
            return "\(LineFormat.clock(time, in: localtime_r))  \(level)  \(record.text)\n"
        }
    }
}

extension LineFormat {
    private typealias Calendar = (UnsafePointer<time_t>, UnsafeMutablePointer<tm>) -> UnsafeMutablePointer<tm>?

    private static func broken(_ time: WallTime, in calendar: Calendar) -> tm {
        var seconds = time_t(max(0, time.millisecondsSince1970) / 1000)
        var parts = tm()
        _ = calendar(&seconds, &parts)
        return parts
    }

    private static func date(_ time: WallTime) -> String {
        let parts = broken(time, in: gmtime_r)
        return "\(digits(parts.tm_year + 1900, 4))-\(digits(parts.tm_mon + 1, 2))-\(digits(parts.tm_mday, 2))"
    }

    private static func clock(_ time: WallTime, in calendar: Calendar) -> String {
        let parts = broken(time, in: calendar)
        let whole = [parts.tm_hour, parts.tm_min, parts.tm_sec].map { digits($0, 2) }.joined(separator: ":")
        return "\(whole).\(digits(CInt(max(0, time.millisecondsSince1970) % 1000), 3))"
    }

    private static func digits(_ value: CInt, _ width: Int) -> String {
        padded(String(value), to: width, with: "0", atEnd: false)
    }

    private static func padded(_ text: String, to width: Int, with filler: Character, atEnd: Bool) -> String {
        let padding = String(repeating: filler, count: max(0, width - text.count))
        return atEnd ? text + padding : padding + text
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
