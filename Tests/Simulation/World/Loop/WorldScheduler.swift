import Glibc

/// The time of a world, and all that is to happen in it: one task after the other, on one thread. Time stands still while
/// one runs, and leaps to the next.
///
/// Each machine's process has a `WorldLoop` of its own, which can be put to sleep or killed; what belongs to no machine (a
/// packet on its way) is scheduled here.
package final class WorldScheduler: @unchecked Sendable {
    /// Names a task of the scheduler.
    package struct Task: Sendable {
        let id: TaskQueue.ID
    }

    /// Why `run` came back.
    package enum Outcome: Equatable, Sendable {
        /// The time is over.
        case done
        /// Nothing is to happen any more.
        case idle
        /// `stop` was called.
        case stopped
        /// More steps in one second of the world than `mostStepsInASecond`: something is busy for nothing.
        case busy
    }

    /// Nanoseconds since the world began.
    @exclusivity(unchecked) package private(set) var now: Int64 = 0
    package let trace = WorldTrace()
    /// Called after each step: the place for what must always hold.
    package var afterStep: (() -> Void)?
    /// How many tasks were done.
    @exclusivity(unchecked) package private(set) var steps: UInt64 = 0
    /// The second with the most steps of all that are over, and how many these are.
    package private(set) var busiestSecond: (second: Int64, steps: Int) = (0, 0)
    /// Called at the end of each second in which anything happened, with how much.
    package var onSecond: ((_ second: Int64, _ steps: Int) -> Void)?
    package var mostStepsInASecond = 2_000_000

    let queue = TaskQueue()
    private let thread = pthread_self()
    private var second: Int64 = 0
    @exclusivity(unchecked) private var endOfSecond: Int64 = 1_000_000_000
    @exclusivity(unchecked) private var stepsInSecond = 0
    private var isStopped = false
    private var buried: [Any] = []
    private let isDebugBuild = _isDebugAssertConfiguration()
    private var loops = 0
    /// How many processes there have been so far.
    package var processes: Int { loops }

    package init() {}

    /// How much time has passed in the world.
    package var elapsed: Duration { .nanoseconds(now) }

    var isOwnThread: Bool { pthread_equal(thread, pthread_self()) != 0 }

    /// A number for a loop, by which the trace knows it.
    func numberLoop() -> UInt64 {
        loops += 1
        return UInt64(loops)
    }

    // MARK: - Tasks

    /// Does `work` in `delay` from now.
    @discardableResult
    package func schedule(in delay: Duration = .zero, _ work: @escaping () -> Void) -> Task {
        Task(id: add(at: WorldTime.adding(WorldTime.nanoseconds(delay), to: now), loop: nil, work))
    }

    /// The task is not done; for one that was done there is nothing to do.
    package func cancel(_ task: Task) {
        queue.cancel(task.id)
    }

    func add(at time: Int64, loop: WorldLoop?, _ work: @escaping () -> Void) -> TaskQueue.ID {
        precondition(isOwnThread, "a world has one thread")
        return queue.add(at: time, now: now, loop: loop, work)
    }

    /// In a debug build, keeps what was given up in the middle of things: NIO traps there when a promise is freed that was
    /// not kept, and a process that was killed keeps none.
    package func bury(_ remains: Any) {
        if isDebugBuild { buried.append(remains) }
    }

    // MARK: - Running

    /// Runs the world for `duration`.
    @discardableResult
    package func run(for duration: Duration) -> Outcome {
        run(until: .nanoseconds(WorldTime.adding(WorldTime.nanoseconds(duration), to: now)))
    }

    /// Runs the world until `elapsed` has passed since it began, and nothing is left that is due by then.
    @discardableResult
    package func run(until elapsed: Duration) -> Outcome {
        let limit = WorldTime.nanoseconds(elapsed)
        isStopped = false
        while advance(until: limit) {
            if isStopped { return .stopped }
            if stepsInSecond > mostStepsInASecond { return .busy }
        }
        if limit > now { now = limit }
        return .done
    }

    /// Runs the world until `condition` holds after a step, for `limit` at most; whether it holds.
    @discardableResult
    package func run(upTo limit: Duration, until condition: () -> Bool) -> Bool {
        let end = WorldTime.adding(WorldTime.nanoseconds(limit), to: now)
        while !condition() {
            guard stepsInSecond <= mostStepsInASecond else { return false }
            guard advance(until: end) else {
                now = end
                return condition()
            }
        }
        return true
    }

    /// Does the next task, whenever it is due; false where there is none.
    @discardableResult
    package func step() -> Bool { advance(until: .max) }

    /// `run` comes back after this step.
    package func stop() {
        isStopped = true
    }

    /// When the next task is due; nil for none.
    package var nextDue: Duration? { queue.nextTime(now: now).map { .nanoseconds($0) } }

    private func advance(until limit: Int64) -> Bool {
        while let (slot, time) = queue.next(now: now, until: limit) {
            now = time
            trace.time = time
            if let loop = queue.loop(of: slot), loop.isAsleep {
                loop.keep(slot)
                continue
            }
            count()
            trace.note(UInt64(bitPattern: time))
            queue.loop(of: slot)?.stepped()
            queue.take(slot)()
            afterStep?()
            return true
        }
        return false
    }

    private func count() {
        steps += 1
        if now >= endOfSecond {
            if stepsInSecond > 0 { onSecond?(second, stepsInSecond) }
            if stepsInSecond > busiestSecond.steps { busiestSecond = (second, stepsInSecond) }
            second = now / 1_000_000_000
            endOfSecond = WorldTime.adding(1_000_000_000, to: second * 1_000_000_000)
            stepsInSecond = 0
        }
        stepsInSecond += 1
    }
}
