package import MPushModel
package import NIOCore

/// All deadlines of one event loop on one alarm of its clock, and the time for all that run on it. Belongs to its event
/// loop.
package final class LoopTimer {
    /// Names one who may have a deadline.
    package struct Owner: Hashable, Sendable {
        fileprivate let number: UInt64
    }

    package let eventLoop: any EventLoop
    /// What the deadlines go by.
    package let clock: any ClockSource
    private var alarm: (any ClockAlarm)?
    private var queue = DeadlineQueue<Owner>()
    /// Those that are called when the timer is closed.
    private var ends: Set<Owner> = []
    private var handlers: [Owner: (Instant) -> Void] = [:]
    private var nextNumber: UInt64 = 0
    private var armed: Instant?
    private var isFiring = false

    /// A timer on `eventLoop`, where this has to be called. Throws `OSError` where the clock has no alarm for it.
    package init(on eventLoop: any EventLoop, clock: any ClockSource) throws(OSError) {
        eventLoop.preconditionInEventLoop()
        self.eventLoop = eventLoop
        self.clock = clock
        alarm = try clock.makeAlarm(on: eventLoop) { [weak self] in self?.fire() }
    }

    /// The time that deadlines are compared with.
    package var now: Instant { clock.now }

    /// The wall clock, for people and for dates that others gave.
    package var wall: WallTime { clock.wall }

    /// A new owner, whose `handler` is called at its deadline with the time it is then. Give it back with `remove`.
    package func makeOwner(_ handler: @escaping (Instant) -> Void) -> Owner {
        nextNumber += 1
        let owner = Owner(number: nextNumber)
        handlers[owner] = handler
        return owner
    }

    /// Calls `action` once, after `delay`, unless the owner that this returns is removed before. It need not be removed
    /// after. Where it `endsSomething` that would else go on for ever, it is called at once when the timer is closed, and
    /// where it is closed already.
    @discardableResult
    package func schedule(
        in delay: Duration, endsSomething: Bool = false, _ action: @escaping () -> Void
    ) -> Owner {
        nextNumber += 1
        let owner = Owner(number: nextNumber)
        guard alarm != nil || !endsSomething else {
            eventLoop.assumeIsolated().execute(action)
            return owner
        }
        handlers[owner] = { [weak self] _ in
            self?.handlers[owner] = nil
            self?.ends.remove(owner)
            action()
        }
        if endsSomething { ends.insert(owner) }
        set(now + delay, for: owner)
        return owner
    }

    /// Sets the one deadline of `owner`; nil takes it back. Clocks count nanoseconds: a deadline between two of them is one at
    /// the later, or its alarm would fire too early again and again.
    package func set(_ deadline: Instant?, for owner: Owner) {
        guard handlers[owner] != nil else { return }
        queue.set(deadline.map(LoopTimer.wholeNanosecond), for: owner)
        rearm()
    }

    private static func wholeNanosecond(_ deadline: Instant) -> Instant {
        let whole = Duration.nanoseconds(deadline.sinceBoot.wholeNanoseconds)
        return Instant(sinceBoot: whole < deadline.sinceBoot ? whole + .nanoseconds(1) : whole)
    }

    /// The owner will not be called any more.
    package func remove(_ owner: Owner) {
        handlers[owner] = nil
        ends.remove(owner)
        queue.set(nil, for: owner)
        rearm()
    }

    /// Gives back the alarm: nobody is called any more. What was to end something does it now.
    package func close() {
        let last = ends.compactMap { handlers[$0] }
        handlers = [:]
        ends = []
        queue = DeadlineQueue()
        alarm?.close()
        alarm = nil
        for handler in last { handler(now) }
    }

    private func fire() {
        armed = nil
        isFiring = true
        let now = now
        // Only those that are due now: an owner that sets a deadline in the past gets its turn after the others.
        var due: [Owner] = []
        while let owner = queue.popDue(at: now) { due.append(owner) }
        for owner in due { handlers[owner]?(now) }
        isFiring = false
        rearm()
    }

    /// Sets the alarm to the earliest deadline, if it is not. One that is due stays as it is: it may have fired, and the loop
    /// have been told; setting it anew would take back what it then looks for. `fire` comes, and sets the next.
    private func rearm() {
        guard !isFiring, let alarm, queue.earliest != armed else { return }
        if let armed, armed <= now { return }
        armed = queue.earliest
        alarm.set(armed)
    }
}
