import CSystemd
import Glibc
import MPushModel

/// The clocks of clock_gettime(2) that records and notifications are stamped with.
enum SystemClock {
    /// The wall clock, for people.
    static func wall() -> WallTime {
        WallTime(millisecondsSince1970: read(CLOCK_REALTIME).wholeMilliseconds)
    }

    /// CLOCK_MONOTONIC, the clock that the service manager compares with.
    static func monotonic() -> Duration { read(CLOCK_MONOTONIC) }

    private static func read(_ clock: clockid_t) -> Duration {
        var time = timespec()
        clock_gettime(clock, &time)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }
}

extension Duration {
    /// The whole microseconds in this duration, cut towards zero: systemd's unit (`_USEC`).
    var wholeMicroseconds: Int64 { wholeNanoseconds / 1000 }
}
