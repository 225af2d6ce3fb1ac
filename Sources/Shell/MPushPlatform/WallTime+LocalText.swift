import Glibc
package import MPushModel

/// Points of the wall clock as people read them, in the machine's time zone. Times before 1970 are shown as 1970: no
/// clock of ours says them.
extension WallTime {
    /// `10:11:12.123`: in the machine's time zone.
    package var localClockText: String { "\(localSecondsText).\(WallTime.digits(CInt(milliseconds), 3))" }

    /// `10:11:12`: in the machine's time zone.
    package var localSecondsText: String {
        let parts = broken
        return [parts.tm_hour, parts.tm_min, parts.tm_sec].map { WallTime.digits($0, 2) }.joined(separator: ":")
    }

    /// `02:10`, or `2026-11-21 02:10` where that is another day than `now`: in the machine's time zone, for people.
    package func humanReadable(at now: WallTime) -> String {
        let (then, today) = (broken, now.broken)
        let clock = "\(WallTime.digits(then.tm_hour, 2)):\(WallTime.digits(then.tm_min, 2))"
        let isToday = (then.tm_year, then.tm_yday) == (today.tm_year, today.tm_yday)
        return isToday ? clock : "\(WallTime.date(then)) \(clock)"
    }

    /// The parts. There are always some: no number of milliseconds reaches a year that `tm` cannot say.
    private var broken: tm {
        var seconds = time_t(max(0, millisecondsSince1970) / 1000)
        var parts = tm()
        localtime_r(&seconds, &parts)
        return parts
    }

    private var milliseconds: Int64 { max(0, millisecondsSince1970) % 1000 }

    private static func date(_ parts: tm) -> String {
        "\(digits(parts.tm_year + 1900, 4))-\(digits(parts.tm_mon + 1, 2))-\(digits(parts.tm_mday, 2))"
    }

    private static func digits(_ value: CInt, _ width: Int) -> String {
        let text = String(value)
        return String(repeating: "0", count: max(0, width - text.count)) + text
    }
}
