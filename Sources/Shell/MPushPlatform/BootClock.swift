import CLinux
import Glibc
package import MPushModel

/// The clocks that Core is told (clock_gettime(2)).
package enum BootClock {
    /// CLOCK_BOOTTIME: it goes on while the machine sleeps.
    package static func now() -> Instant {
        var time = timespec()
        clock_gettime(CLOCK_BOOTTIME, &time)
        return Instant(sinceBoot: .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec))
    }

    /// CLOCK_REALTIME: for people and for expiry dates only.
    package static func wall() -> WallTime {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return WallTime(millisecondsSince1970: Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000)
    }
}

/// Points of the wall clock as people read them, in the machine's time zone. Times before 1970 are shown as 1970: no
/// clock of ours says them.
extension WallTime {
    /// `10:11:12.123`: in the machine's time zone.
    package var localClockText: String { clock(broken) }

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
