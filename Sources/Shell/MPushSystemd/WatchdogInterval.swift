import CSystemd

/// How often the service manager wants to hear that the service lives (WatchdogSec=, sd_watchdog_enabled(3)).
package struct WatchdogInterval: Equatable, Sendable {
    /// The manager ends a service that it has not heard of for this long.
    package let timeout: Duration

    /// How often to call `ServiceNotifier.watchdog()`: twice in each timeout, as the manual page recommends.
    package var pingEvery: Duration { timeout / 2 }

    /// The interval of `timeout`, which must be positive; nil when it is not.
    package init?(timeout: Duration) {
        guard timeout > .zero else { return nil }
        self.timeout = timeout
    }

    /// What the manager asks of this process; nil when it asks nothing.
    package static func ofThisProcess() -> WatchdogInterval? {
        var microseconds: UInt64 = 0
        guard sd_watchdog_enabled(0, &microseconds) > 0 else { return nil }
        return WatchdogInterval(timeout: .microseconds(Int64(clamping: microseconds)))
    }
}
