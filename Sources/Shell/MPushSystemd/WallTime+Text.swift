import Glibc
package import MPushTime

/// Points of the wall clock as text. Times before 1970 are shown as its beginning: no clock of ours says them.
extension WallTime {
    /// `2026-11-22T10:11:12.123Z`: in UTC, for programs (RFC 3339).
    package var utcText: String {
        let parts = broken(in: .utc)
        return "\(WallTime.date(parts))T\(clock(parts))Z"
    }

    /// `10:11:12.123`: in the machine's time zone.
    package var localClockText: String { clock(broken(in: .local)) }

    /// `02:10`, or `2026-11-21 02:10` where that is another day than `now`: in the machine's time zone, for people.
    package func spoken(at now: WallTime) -> String {
        let (then, today) = (broken(in: .local), now.broken(in: .local))
        let clock = "\(WallTime.digits(then.tm_hour, 2)):\(WallTime.digits(then.tm_min, 2))"
        let isToday = (then.tm_year, then.tm_yday) == (today.tm_year, today.tm_yday)
        return isToday ? clock : "\(WallTime.date(then)) \(clock)"
    }

    private enum Zone {
        case utc
        case local
    }

    /// The parts. There are always some: no number of milliseconds reaches a year that `tm` cannot say.
    private func broken(in zone: Zone) -> tm {
        var seconds = time_t(max(0, millisecondsSince1970) / 1000)
        var parts = tm()
        switch zone {
        case .utc: gmtime_r(&seconds, &parts)
        case .local: localtime_r(&seconds, &parts)
        }
        return parts
    }

    private func clock(_ parts: tm) -> String {
        let whole = [parts.tm_hour, parts.tm_min, parts.tm_sec].map { WallTime.digits($0, 2) }.joined(separator: ":")
        return "\(whole).\(WallTime.digits(CInt(max(0, millisecondsSince1970) % 1000), 3))"
    }

    private static func date(_ parts: tm) -> String {
        "\(digits(parts.tm_year + 1900, 4))-\(digits(parts.tm_mon + 1, 2))-\(digits(parts.tm_mday, 2))"
    }

    private static func digits(_ value: CInt, _ width: Int) -> String {
        let text = String(value)
        return String(repeating: "0", count: max(0, width - text.count)) + text
    }
}
