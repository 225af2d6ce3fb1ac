package import MPushModel
package import MPushPlatform
package import NIOCore
import Synchronization

/// Clocks that stand still until a test moves them. What is due then is done in the next turn of its event loop.
package final class SettableClock: ClockSource {
    private struct State {
        var now: Instant
        var wall: WallTime
        var bootID: String?
        var isWallSynchronised: Bool
        var alarms: [NIOLoopBound<SettableAlarm>] = []
        var stepWatches: [NIOLoopBound<SettableStepWatch>] = []
    }

    private let state: Mutex<State>

    package init(
        now: Instant = .zero + .seconds(1000), wall: WallTime = WallTime(millisecondsSince1970: 0),
        bootID: String? = nil, isWallSynchronised: Bool = false
    ) {
        state = Mutex(State(now: now, wall: wall, bootID: bootID, isWallSynchronised: isWallSynchronised))
    }

    package var now: Instant { state.withLock { $0.now } }
    package var wall: WallTime { state.withLock { $0.wall } }
    package var monotonic: Duration { state.withLock { $0.now.sinceBoot } }
    package var bootID: String? { state.withLock { $0.bootID } }

    package var isWallSynchronised: Bool {
        get { state.withLock { $0.isWallSynchronised } }
        set { state.withLock { $0.isWallSynchronised = newValue } }
    }

    /// Time passes, and all clocks show it.
    package func advance(by duration: Duration) {
        let alarms = state.withLock { state in
            state.now += duration
            state.wall = state.wall.advanced(by: duration)
            return state.alarms
        }
        for alarm in alarms { alarm.eventLoop.execute { alarm.value.ring(at: self.now) } }
    }

    /// Somebody sets the wall clock, and the kernel says so.
    package func stepWall(to wall: WallTime) {
        let watches = state.withLock { state in
            state.wall = wall
            defer { state.stepWatches = [] }
            return state.stepWatches
        }
        for watch in watches { watch.eventLoop.execute { watch.value.stepped() } }
    }

    /// Somebody sets the wall clock, and no kernel says so.
    package func setWall(_ wall: WallTime) {
        state.withLock { $0.wall = wall }
    }

    /// Somebody sets the wall clock forward by so much, or back.
    package func leapWall(by duration: Duration) {
        state.withLock { $0.wall = $0.wall.advanced(by: duration) }
    }

    /// The machine was off, and shows another wall time than before by `leap`.
    package func boot(_ id: String?, leap: Duration, isSynchronised: Bool) {
        state.withLock {
            $0.now = Instant(sinceBoot: .seconds(20))
            $0.wall = $0.wall.advanced(by: leap)
            $0.bootID = id
            $0.isWallSynchronised = isSynchronised
        }
    }

    package func makeAlarm(
        on eventLoop: any EventLoop, handler: @escaping () -> Void
    ) throws(OSError) -> any ClockAlarm {
        let alarm = SettableAlarm(handler, clock: self, on: eventLoop)
        let bound = NIOLoopBound(alarm, eventLoop: eventLoop)
        state.withLock { $0.alarms.append(bound) }
        return alarm
    }

    package func watchForStep(
        on eventLoop: any EventLoop, handler: @escaping () -> Void
    ) throws(OSError) -> any ClockStepWatch {
        let watch = SettableStepWatch(handler)
        let bound = NIOLoopBound(watch, eventLoop: eventLoop)
        state.withLock { $0.stepWatches.append(bound) }
        return watch
    }

    /// How many were watched for and have not come.
    package var stepsWatchedFor: Int { state.withLock { $0.stepWatches.count } }
}

private final class SettableAlarm: ClockAlarm {
    private let clock: SettableClock
    private let eventLoop: any EventLoop
    private var handler: (() -> Void)?
    private var deadline: Instant?

    init(_ handler: @escaping () -> Void, clock: SettableClock, on eventLoop: any EventLoop) {
        self.handler = handler
        self.clock = clock
        self.eventLoop = eventLoop
    }

    func set(_ deadline: Instant?) {
        self.deadline = deadline
        guard let deadline, deadline <= clock.now else { return }
        eventLoop.assumeIsolated().execute { self.ring(at: self.clock.now) }
    }

    func close() {
        handler = nil
    }

    func ring(at now: Instant) {
        guard let deadline, deadline <= now else { return }
        self.deadline = nil
        handler?()
    }
}

private final class SettableStepWatch: ClockStepWatch {
    private var handler: (() -> Void)?

    init(_ handler: @escaping () -> Void) {
        self.handler = handler
    }

    func stepped() {
        let handler = handler
        self.handler = nil
        handler?()
    }

    func close() { handler = nil }
}
