import Glibc
import MPushTime

/// Points of the wall clock as text.
enum UTCText {
    /// `2026-11-22T10:11:12.123Z` (RFC 3339).
    static func text(_ time: WallTime) -> String {
        let parts = broken(time, gmtime_r)
        let date = "\(pad(Int(parts.tm_year) + 1900, 4))-\(pad(Int(parts.tm_mon) + 1))-\(pad(Int(parts.tm_mday)))"
        let clock = "\(pad(Int(parts.tm_hour))):\(pad(Int(parts.tm_min))):\(pad(Int(parts.tm_sec)))"
        return "\(date)T\(clock).\(pad(Int(time.millisecondsSince1970 % 1000), 3))Z"
    }

    /// `02:10`, or `2026-11-21 02:10` where it is not today: in the machine's time zone, for people.
    static func spoken(_ time: WallTime, now: WallTime) -> String {
        let (then, today) = (broken(time, localtime_r), broken(now, localtime_r))
        let clock = "\(pad(Int(then.tm_hour))):\(pad(Int(then.tm_min)))"
        if (then.tm_year, then.tm_yday) == (today.tm_year, today.tm_yday) { return clock }
        return "\(pad(Int(then.tm_year) + 1900, 4))-\(pad(Int(then.tm_mon) + 1))-\(pad(Int(then.tm_mday))) \(clock)"
    }

    private static func broken(
        _ time: WallTime,
        _ convert: (UnsafePointer<time_t>, UnsafeMutablePointer<tm>) -> UnsafeMutablePointer<tm>?
    ) -> tm {
        var seconds = time_t(time.millisecondsSince1970 / 1000)
        var parts = tm()
        _ = convert(&seconds, &parts)
        return parts
    }

    private static func pad(_ number: Int, _ width: Int = 2) -> String {
        let digits = String(max(0, number))
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
