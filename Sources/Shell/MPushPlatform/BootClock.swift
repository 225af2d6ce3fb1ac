import CLinux
package import MPushTime

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
