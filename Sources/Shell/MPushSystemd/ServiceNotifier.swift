import CSystemd
import Glibc
import MPushModel
package import MPushPlatform

/// Tells the service manager how the service fares (sd_notify(3)). Without a manager that listens, each call does
/// nothing and says so. Usable from any thread.
package struct ServiceNotifier: Sendable {
    /// What became of a notification.
    package enum Outcome: Equatable, Sendable {
        /// The manager has it.
        case sent
        /// No manager listens: NOTIFY_SOCKET is not set.
        case nobodyListens
        /// It could not be sent, for the reason that `errno` gives.
        case failed(errno: CInt)
    }

    /// The longest status in bytes of UTF-8; what is longer is cut. A whole notification may have 4096.
    package static let longestStatus = 1024

    /// Whether a manager listens: NOTIFY_SOCKET was set when this value was made.
    package let isListenedTo: Bool
    private let clock: any ClockSource

    /// A notifier to the manager that started this process.
    package init(environment: ServiceEnvironment = .process, clock: any ClockSource) {
        self.clock = clock
        isListenedTo = environment["NOTIFY_SOCKET"] != nil
    }

    /// Start-up, or a reload, is done. `status` is the line that `systemctl status` shows.
    @discardableResult
    package func ready(status: String) -> Outcome {
        notify(["READY=1", line(status)])
    }

    /// The service goes on as before and this is how it fares.
    @discardableResult
    package func status(_ status: String) -> Outcome {
        notify([line(status)])
    }

    /// The service lives: due within each `WatchdogInterval.timeout`.
    @discardableResult
    package func watchdog() -> Outcome {
        notify(["WATCHDOG=1"])
    }

    /// A reload begins; `ready(status:)` must follow when it is over, whether or not it went well.
    @discardableResult
    package func reloading() -> Outcome {
        notify(["RELOADING=1", "MONOTONIC_USEC=\(clock.monotonic.wholeMicroseconds)"])
    }

    /// The service is about to end.
    @discardableResult
    package func stopping(status: String) -> Outcome {
        notify(["STOPPING=1", line(status)])
    }

    /// Starting or stopping goes on, and takes up to `duration` from now: longer than the unit allows by itself.
    @discardableResult
    package func extendTimeout(by duration: Duration) -> Outcome {
        let microseconds = duration.wholeMicroseconds
        return microseconds > 0 ? notify(["EXTEND_TIMEOUT_USEC=\(microseconds)"]) : .failed(errno: EINVAL)
    }

    /// A status is one line: a line break in it would let a name from outside set fields of its own.
    private func line(_ status: String) -> String {
        "STATUS=" + status.shown(atMost: ServiceNotifier.longestStatus)
    }

    private func notify(_ assignments: [String]) -> Outcome {
        guard isListenedTo else { return .nobodyListens }
        let result = sd_notify(0, assignments.joined(separator: "\n"))
        return result > 0 ? .sent : result == 0 ? .nobodyListens : .failed(errno: -result)
    }
}

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

extension Duration {
    /// The whole microseconds in this duration, cut towards zero: systemd's unit (`_USEC`).
    var wholeMicroseconds: Int64 { wholeNanoseconds / 1000 }
}
