import CLinux
import Glibc
import MPushTime

/// The clocks of this machine (clock_gettime(2)).
enum SystemClock {
    /// The reading of `CLOCK_BOOTTIME`.
    static func now() -> Instant { Instant(sinceBoot: read(CLOCK_BOOTTIME)) }

    /// What the wall clock will show after `duration`, if nobody sets it.
    static func wallTime(in duration: Duration) -> WallTime {
        WallTime(millisecondsSince1970: (read(CLOCK_REALTIME) + duration).wholeMilliseconds)
    }

    private static func read(_ clock: clockid_t) -> Duration {
        .nanoseconds(clinux_clock_nanoseconds(clock))
    }
}
