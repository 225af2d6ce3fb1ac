import CLinux
import Glibc
package import MPushModel
package import NIOCore

/// All deadlines of one event loop on one timer of the kernel that counts CLOCK_BOOTTIME, so that a deadline that passed
/// while the machine slept is kept at once when it wakes (timerfd_create(2)). Belongs to its event loop.
package final class LoopTimer {
    /// Names one who may have a deadline.
    package struct Owner: Hashable, Sendable {
        fileprivate let number: UInt64
    }

    private let eventLoop: any EventLoop
    private let descriptor: CInt
    private var queue = DeadlineQueue<Owner>()
    private var handlers: [Owner: (Instant) -> Void] = [:]
    private var nextNumber: UInt64 = 0
    private var armed: Instant?
    private var isFiring = false
    private var isClosed = false
    private var channel: (any Channel)?

    /// A timer on `eventLoop`, where this has to be called. Throws `OSError` where the kernel has no descriptor for it, or does
    /// not let the loop wait for it.
    package init(on eventLoop: any EventLoop) throws(OSError) {
        eventLoop.preconditionInEventLoop()
        self.eventLoop = eventLoop
        descriptor = timerfd_create(CLOCK_BOOTTIME, Int32(TFD_NONBLOCK) | Int32(TFD_CLOEXEC))
        guard descriptor >= 0 else { throw OSError(errno, "timerfd_create") }
        channel = try DescriptorReader.register(descriptor, on: eventLoop) { [weak self] _ in self?.fire() }
    }

    /// The time since the machine was started.
    package var now: Instant { BootClock.now() }

    /// The wall clock, for people and for dates that others gave.
    package var wall: WallTime { BootClock.wall() }

    /// A new owner, whose `handler` is called at its deadline with the time it is then. Give it back with `remove`.
    package func makeOwner(_ handler: @escaping (Instant) -> Void) -> Owner {
        nextNumber += 1
        let owner = Owner(number: nextNumber)
        handlers[owner] = handler
        return owner
    }

    /// Sets the one deadline of `owner`; nil takes it back.
    package func set(_ deadline: Instant?, for owner: Owner) {
        guard handlers[owner] != nil else { return }
        queue.set(deadline, for: owner)
        rearm()
    }

    /// The owner will not be called any more.
    package func remove(_ owner: Owner) {
        handlers[owner] = nil
        queue.set(nil, for: owner)
        rearm()
    }

    /// Closes the kernel's timer: nobody is called any more. Its descriptor is not touched after this, because it may be
    /// another one's by then.
    package func close() {
        isClosed = true
        handlers = [:]
        queue = DeadlineQueue()
        channel?.close(promise: nil)
        channel = nil
    }

    private func fire() {
        armed = nil
        isFiring = true
        let now = BootClock.now()
        // Only those that are due now: an owner that sets a deadline in the past gets its turn after the others.
        var due: [Owner] = []
        while let owner = queue.popDue(at: now) { due.append(owner) }
        for owner in due { handlers[owner]?(now) }
        isFiring = false
        rearm()
    }

    /// Sets the kernel's timer to the earliest deadline, if it is not.
    private func rearm() {
        guard !isFiring, !isClosed, queue.earliest != armed else { return }
        armed = queue.earliest
        var setting = itimerspec()
        if let armed {
            // Zero would disarm it; a deadline that has passed fires at once.
            let nanoseconds = max(1, armed.sinceBoot.wholeNanoseconds)
            setting.it_value.tv_sec = time_t(nanoseconds / 1_000_000_000)
            setting.it_value.tv_nsec = Int(nanoseconds % 1_000_000_000)
        }
        timerfd_settime(descriptor, Int32(TFD_TIMER_ABSTIME), &setting, nil)
    }
}
