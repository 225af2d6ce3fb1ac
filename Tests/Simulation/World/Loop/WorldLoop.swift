package import Dispatch
import Glibc
package import NIOCore

/// The event loop of a process in a world. Tasks go by the world's time; while it is asleep none is done, and when it is
/// killed none is ever done again.
package final class WorldLoop: EventLoop, @unchecked Sendable {
    private enum State {
        case awake
        case asleep
        case dead
    }

    package let scheduler: WorldScheduler
    package let name: String
    private let number: UInt64
    @exclusivity(unchecked) private var state = State.awake
    /// Due while it slept, in their order.
    private var kept: [UInt32] = []
    /// How many tasks it did.
    @exclusivity(unchecked) package private(set) var steps: UInt64 = 0
    @exclusivity(unchecked) private var stepsInSecond = 0
    @exclusivity(unchecked) private var second: Int64 = 0
    /// The second in which it did the most tasks, and how many these are.
    package private(set) var busiestSecond: (second: Int64, steps: Int) = (0, 0)
    private var callbacks: [UInt64: any WorldCallback] = [:]
    private var lastCallback: UInt64 = 0

    package init(_ name: String, on scheduler: WorldScheduler) {
        self.name = name
        self.scheduler = scheduler
        number = scheduler.numberLoop()
    }

    package var description: String { "WorldLoop(\(name))" }

    // MARK: - Sleep and death

    /// Whether nothing is done until `wake`.
    package var isAsleep: Bool { state == .asleep }
    /// Whether the process is no more.
    package var isDead: Bool { state == .dead }

    /// Nothing is done from now on, as in a process that is stopped, or on a machine that sleeps.
    package func sleep() {
        if state == .awake { state = .asleep }
    }

    /// All that became due meanwhile is done, in its order, and then the rest.
    package func wake() {
        guard state == .asleep else { return }
        state = .awake
        let slots = kept
        kept = []
        for slot in slots { scheduler.queue.makeReady(slot) }
    }

    /// The process is gone, in the middle of things: no task, no callback, no promise is kept any more.
    package func kill() {
        guard state != .dead else { return }
        // What was due goes back, to be dropped with the rest.
        wake()
        state = .dead
        scheduler.bury(scheduler.queue.withdrawAll(of: self))
        scheduler.bury(callbacks)
        callbacks = [:]
    }

    /// A task that is due, until it wakes.
    func keep(_ slot: UInt32) {
        kept.append(slot)
    }

    /// A task is done.
    func stepped() {
        scheduler.trace.note(number)
        steps += 1
        let now = scheduler.now / 1_000_000_000
        if now != second {
            second = now
            stepsInSecond = 0
        }
        stepsInSecond += 1
        if stepsInSecond > busiestSecond.steps { busiestSecond = (second, stepsInSecond) }
    }

    /// So many tasks of this second are for something that was to be done.
    package func excuse(_ tasks: Int) { if second == scheduler.now / 1_000_000_000 { stepsInSecond -= tasks } }

    /// Does `work` at `time` of the world; nil in a process that is gone.
    @discardableResult
    func add(at time: Int64, _ work: @escaping () -> Void) -> TaskQueue.ID? {
        guard state != .dead else {
            scheduler.bury(work)
            return nil
        }
        return scheduler.add(at: time, loop: self, work)
    }

    // MARK: - EventLoop

    package var inEventLoop: Bool { scheduler.isOwnThread }
    package var now: NIODeadline { .uptimeNanoseconds(UInt64(scheduler.now)) }

    package func execute(_ task: @escaping () -> Void) {
        add(at: scheduler.now, task)
    }

    package func submit<T>(_ task: @escaping () throws -> T) -> EventLoopFuture<T> {
        schedule(at: scheduler.now, task).futureResult
    }

    @discardableResult
    package func scheduleTask<T>(deadline: NIODeadline, _ task: @escaping () throws -> T) -> Scheduled<T> {
        schedule(at: WorldLoop.time(deadline), task)
    }

    @discardableResult
    package func scheduleTask<T>(in delay: TimeAmount, _ task: @escaping () throws -> T) -> Scheduled<T> {
        schedule(at: WorldTime.adding(delay.nanoseconds, to: scheduler.now), task)
    }

    private func schedule<T>(at time: Int64, _ task: @escaping () throws -> T) -> Scheduled<T> {
        let promise = makePromise(of: T.self)
        let id = add(at: time) {
            do {
                promise.assumeIsolated().succeed(try task())
            } catch {
                promise.fail(error)
            }
        }
        return Scheduled(promise: promise) { [scheduler] in
            if let id { scheduler.queue.cancel(id) }
        }
    }

    private static func time(_ deadline: NIODeadline) -> Int64 {
        Int64(clamping: deadline.uptimeNanoseconds)
    }

    package func preconditionInEventLoop(file: StaticString, line: UInt) {
        precondition(inEventLoop, "a world has one thread", file: file, line: line)
    }

    package func preconditionNotInEventLoop(file: StaticString, line: UInt) {
        precondition(!inEventLoop, "a world has one thread, which must not wait", file: file, line: line)
    }

    /// What is kept can be waited for: there is nothing to wait for then.
    package func _preconditionSafeToWait(file: StaticString, line: UInt) {}

    package func _preconditionSafeToSyncShutdown(file: StaticString, line: UInt) {}

    package func next() -> any EventLoop { self }

    package func makeIterator() -> EventLoopIterator { EventLoopIterator([self]) }

    package func shutdownGracefully(queue: DispatchQueue, _ callback: @escaping @Sendable ((any Error)?) -> Void) {
        queue.async { callback(EventLoopError.unsupportedOperation) }
    }

    // MARK: - Without a check, as one thread needs none

    package func _executeIsolatedUnsafeUnchecked(_ task: @escaping () -> Void) {
        add(at: scheduler.now, task)
    }

    package func _submitIsolatedUnsafeUnchecked<T>(_ task: @escaping () throws -> T) -> EventLoopFuture<T> {
        schedule(at: scheduler.now, task).futureResult
    }

    @discardableResult
    package func _scheduleTaskIsolatedUnsafeUnchecked<T>(
        deadline: NIODeadline, _ task: @escaping () throws -> T
    ) -> Scheduled<T> {
        schedule(at: WorldLoop.time(deadline), task)
    }

    @discardableResult
    package func _scheduleTaskIsolatedUnsafeUnchecked<T>(
        in delay: TimeAmount, _ task: @escaping () throws -> T
    ) -> Scheduled<T> {
        schedule(at: WorldTime.adding(delay.nanoseconds, to: scheduler.now), task)
    }

    // MARK: - Callbacks

    @discardableResult
    package func scheduleCallback(
        at deadline: NIODeadline, handler: some (NIOScheduledCallbackHandler & Sendable)
    ) -> NIOScheduledCallback {
        lastCallback += 1
        let number = lastCallback
        let task = add(at: WorldLoop.time(deadline)) { [self] in
            callbacks.removeValue(forKey: number)?.ring(on: self)
        }
        if let task { callbacks[number] = ScheduledCallback(handler: handler, task: task) }
        return NIOScheduledCallback(self, id: number)
    }

    @discardableResult
    package func scheduleCallback(
        in delay: TimeAmount, handler: some (NIOScheduledCallbackHandler & Sendable)
    ) -> NIOScheduledCallback {
        scheduleCallback(at: now + delay, handler: handler)
    }

    package func cancelScheduledCallback(_ callback: NIOScheduledCallback) {
        guard let number = callback.customCallbackID, let found = callbacks.removeValue(forKey: number) else { return }
        scheduler.queue.cancel(found.task)
        found.cancel(on: self)
    }
}

/// A callback that is scheduled, whatever its handler is.
private protocol WorldCallback {
    var task: TaskQueue.ID { get }
    func ring(on loop: WorldLoop)
    func cancel(on loop: WorldLoop)
}

private struct ScheduledCallback<Handler: NIOScheduledCallbackHandler>: WorldCallback {
    let handler: Handler
    let task: TaskQueue.ID

    func ring(on loop: WorldLoop) {
        handler.handleScheduledCallback(eventLoop: loop)
    }

    func cancel(on loop: WorldLoop) {
        handler.didCancelScheduledCallback(eventLoop: loop)
    }
}
