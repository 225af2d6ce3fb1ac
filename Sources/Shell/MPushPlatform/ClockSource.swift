import CLinux
import Glibc
package import MPushModel
package import NIOCore

/// The clocks of a machine, handed to whoever needs to know the time or has a deadline: nothing else reads a clock.
package protocol ClockSource: Sendable {
    /// `CLOCK_BOOTTIME`: it only grows, and goes on while the machine sleeps.
    var now: Instant { get }
    /// `CLOCK_REALTIME`: for people, and for dates that others gave. Anybody may set it.
    var wall: WallTime { get }
    /// `CLOCK_MONOTONIC`, which stands still while the machine sleeps: for the service manager, which compares with it, and
    /// for programs, which have no time while they sleep with the machine.
    var monotonic: Duration { get }
    /// Which boot of the machine `now` counts from: 32 hexadecimal digits; nil where nobody says.
    var bootID: String? { get }
    /// Whether `wall` is known to be right; false where nobody says.
    var isWallSynchronised: Bool { get }

    /// An alarm that goes by `now`. `handler` is called on `eventLoop`, where this has to be called, at or after each
    /// deadline that is set, and may be called without one. Throws `OSError` where the machine has none to give.
    func makeAlarm(on eventLoop: any EventLoop, handler: @escaping () -> Void) throws(OSError) -> any ClockAlarm

    /// Calls `handler` on `eventLoop`, where this has to be called, once, when somebody sets `wall`; steering it does not
    /// count. Throws `OSError` where nobody says when that happens.
    func watchForStep(
        on eventLoop: any EventLoop, handler: @escaping () -> Void
    ) throws(OSError) -> any ClockStepWatch
}

/// One deadline that a clock watches. Belongs to its event loop.
package protocol ClockAlarm: AnyObject {
    /// The deadline from now on; nil for none.
    func set(_ deadline: Instant?)
    /// The handler is not called any more.
    func close()
}

/// Waits for the wall clock to be set. Belongs to its event loop.
package protocol ClockStepWatch: AnyObject {
    /// The handler is not called any more.
    func close()
}

/// The clocks of this machine (clock_gettime(2)). Made by programs alone, and handed on.
package struct MachineClock: ClockSource {
    package init() {}

    package var now: Instant { Instant(sinceBoot: MachineClock.read(CLOCK_BOOTTIME)) }

    package var wall: WallTime {
        WallTime(millisecondsSince1970: MachineClock.read(CLOCK_REALTIME).wholeMilliseconds)
    }

    package var monotonic: Duration { MachineClock.read(CLOCK_MONOTONIC) }
    package var bootID: String? { MachineClock.currentBootID }

    /// The kernel's word (adjtimex(2)); where a sandbox keeps that back, the mark that systemd-timesyncd sets in each boot.
    package var isWallSynchronised: Bool {
        switch clinux_clock_is_synchronised() {
        case 1: true
        case 0: false
        default: access("/run/systemd/timesync/synchronized", F_OK) == 0
        }
    }

    /// random(4), read once. A service whose unit hides it (ProcSubset=pid) is told in its environment.
    private static let currentBootID: String? = {
        let file = (try? FileSystem.read("/proc/sys/kernel/random/boot_id", maximum: 64)) ?? []
        let text =
            file.isEmpty ? getenv("MPUSHD_BOOT_ID").map { String(cString: $0) } : String(decoding: file, as: UTF8.self)
        // systemd and the kernel write it with and without hyphens.
        let id = text?.filter(\.isHexDigit).lowercased()
        return id?.count == 32 ? id : nil
    }()

    package func makeAlarm(
        on eventLoop: any EventLoop, handler: @escaping () -> Void
    ) throws(OSError) -> any ClockAlarm {
        try KernelAlarm(on: eventLoop, handler: handler)
    }

    package func watchForStep(
        on eventLoop: any EventLoop, handler: @escaping () -> Void
    ) throws(OSError) -> any ClockStepWatch {
        try KernelStepWatch(on: eventLoop, handler: handler)
    }

    private static func read(_ clock: clockid_t) -> Duration {
        var time = timespec()
        clock_gettime(clock, &time)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }
}

/// A timer of the kernel that counts `CLOCK_BOOTTIME`, so that a deadline that passed while the machine slept is kept at
/// once when it wakes (timerfd_create(2)).
private final class KernelAlarm: ClockAlarm {
    private let descriptor: CInt
    private var channel: (any Channel)?

    init(on eventLoop: any EventLoop, handler: @escaping () -> Void) throws(OSError) {
        descriptor = timerfd_create(CLOCK_BOOTTIME, Int32(TFD_NONBLOCK) | Int32(TFD_CLOEXEC))
        guard descriptor >= 0 else { throw OSError(errno, "timerfd_create") }
        channel = try DescriptorReader.register(descriptor, on: eventLoop) { _ in handler() }
    }

    func set(_ deadline: Instant?) {
        guard channel != nil else { return }
        var setting = itimerspec()
        if let deadline {
            // Zero would disarm it; a deadline that has passed fires at once.
            let nanoseconds = max(1, deadline.sinceBoot.wholeNanoseconds)
            setting.it_value.tv_sec = time_t(nanoseconds / 1_000_000_000)
            setting.it_value.tv_nsec = Int(nanoseconds % 1_000_000_000)
        }
        timerfd_settime(descriptor, Int32(TFD_TIMER_ABSTIME), &setting, nil)
    }

    /// The descriptor is not touched after this, because it may be another one's by then.
    func close() {
        channel?.close(promise: nil)
        channel = nil
    }
}

/// A timer of the kernel that never ends, but is cancelled when the wall clock is set: reading it fails then (ECANCELED,
/// TFD_TIMER_CANCEL_ON_SET of timerfd_create(2)), and with that its channel ends.
final class KernelStepWatch: ClockStepWatch {
    private var channel: (any Channel)?
    private var handler: (() -> Void)?

    convenience init(on eventLoop: any EventLoop, handler: @escaping () -> Void) throws(OSError) {
        let descriptor = timerfd_create(CLOCK_REALTIME, Int32(TFD_NONBLOCK) | Int32(TFD_CLOEXEC))
        guard descriptor >= 0 else { throw OSError(errno, "timerfd_create") }
        var setting = itimerspec()
        // The kernel's clocks end in 2262; this is a century before that.
        setting.it_value.tv_sec = 6_000_000_000
        let flags = Int32(TFD_TIMER_ABSTIME) | Int32(TFD_TIMER_CANCEL_ON_SET)
        guard timerfd_settime(descriptor, flags, &setting, nil) == 0 else {
            let error = OSError(errno, "timerfd_settime")
            Glibc.close(descriptor)
            throw error
        }
        try self.init(reading: descriptor, on: eventLoop, handler: handler)
    }

    /// Takes `descriptor` over, whose end is the step.
    init(reading descriptor: CInt, on eventLoop: any EventLoop, handler: @escaping () -> Void) throws(OSError) {
        self.handler = handler
        channel = try DescriptorReader.register(descriptor, on: eventLoop) { _ in }
        channel?.closeFuture.assumeIsolated().whenComplete { [weak self] _ in
            let handler = self?.handler
            self?.handler = nil
            handler?()
        }
    }

    func close() {
        handler = nil
        channel?.close(promise: nil)
        channel = nil
    }
}
