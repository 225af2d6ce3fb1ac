package import MPushModel
package import MPushPlatform
package import NIOCore

/// The clocks of a machine in a world. Several machines have several, by one time.
package final class WorldClock: ClockSource, @unchecked Sendable {
    /// What machines without a battery show when they start.
    package static let epoch = WallTime(millisecondsSince1970: 0)

    private let scheduler: WorldScheduler
    private let random: WorldRandom
    /// When the machine was started, in the world's time.
    private var bootedAt: Int64
    /// How long it slept since.
    private var slept: Int64 = 0
    private var sleepsSince: Int64?
    /// What the wall clock showed at a time of the world, in nanoseconds since 1970.
    private var wallBase: (time: Int64, nanoseconds: Int64)
    /// By how many millionths the wall clock is too fast since, and until when.
    private var steering: (partsPerMillion: Int64, until: Int64)?
    package private(set) var bootID: String?
    /// Whether the machine says that its wall clock is right; it is not asked whether that is so.
    package var isWallSynchronised = false

    /// Whether its kernel says that the wall clock was set.
    package var tellsOfSteps = true
    private var stepWatches: [Weak] = []

    private struct Weak {
        weak var watch: WorldStepWatch?
    }

    /// A machine that was started `sinceBoot` ago.
    package init(
        on scheduler: WorldScheduler, random: WorldRandom, sinceBoot: Duration = .seconds(20),
        wall: WallTime = WorldClock.epoch
    ) {
        self.scheduler = scheduler
        self.random = random
        bootedAt = scheduler.now - WorldTime.nanoseconds(sinceBoot)
        wallBase = (scheduler.now, WorldClock.nanoseconds(wall))
        bootID = WorldClock.makeBootID(random)
    }

    // MARK: - Reading

    package var now: Instant { Instant(sinceBoot: .nanoseconds(scheduler.now - bootedAt)) }

    package var wall: WallTime {
        WallTime(millisecondsSince1970: WorldClock.floor(wallNanoseconds(at: scheduler.now), by: 1_000_000))
    }

    package var monotonic: Duration { .nanoseconds((sleepsSince ?? scheduler.now) - bootedAt - slept) }

    private func wallNanoseconds(at time: Int64) -> Int64 {
        let plain = wallBase.nanoseconds + time - wallBase.time
        guard let steering else { return plain }
        // In microseconds, so that years of them can be multiplied.
        let steered = max(0, min(time, steering.until) - wallBase.time) / 1000
        return plain + steered * steering.partsPerMillion / 1000
    }

    // MARK: - What happens to clocks

    /// Somebody sets the wall clock (settimeofday(2)).
    package func setWall(_ wall: WallTime) {
        defer { tellOfStep() }
        wallBase = (scheduler.now, WorldClock.nanoseconds(wall))
        steering = nil
    }

    /// A time server sets the wall clock, and the kernel knows that it is right.
    package func synchronise(to wall: WallTime) {
        setWall(wall)
        isWallSynchronised = true
    }

    /// The wall clock jumps ahead, or back.
    package func moveWall(by duration: Duration) {
        defer { tellOfStep() }
        wallBase = (scheduler.now, wallNanoseconds(at: scheduler.now) + WorldTime.nanoseconds(duration))
        steering = nil
    }

    /// The wall clock is made faster or slower (adjtimex(2)) until it has moved by `duration` against the others.
    package func steerWall(by duration: Duration, partsPerMillion: Int64 = 500) {
        wallBase = (scheduler.now, wallNanoseconds(at: scheduler.now))
        let nanoseconds = WorldTime.nanoseconds(duration)
        let rate = max(1, partsPerMillion)
        let length = nanoseconds.magnitude / UInt64(rate) * 1_000_000
        steering = (nanoseconds < 0 ? -rate : rate, WorldTime.adding(Int64(clamping: length), to: scheduler.now))
    }

    /// The machine sleeps from now on: `monotonic` stands still.
    func sleep() {
        if sleepsSince == nil { sleepsSince = scheduler.now }
    }

    func wake() {
        guard let since = sleepsSince else { return }
        slept += scheduler.now - since
        sleepsSince = nil
        // As the kernel does: to those who wait for that it is as if the clock was set.
        tellOfStep()
    }

    /// The machine is started anew: time since then begins, and the wall clock shows `wall`; nil where a battery kept it.
    package func reboot(wall: WallTime? = nil) {
        if let wall { setWall(wall) }
        bootedAt = scheduler.now
        slept = 0
        sleepsSince = nil
        isWallSynchronised = false
        bootID = WorldClock.makeBootID(random)
    }

    // MARK: - Alarms

    package func makeAlarm(
        on eventLoop: any EventLoop, handler: @escaping () -> Void
    ) throws(OSError) -> any ClockAlarm {
        guard let loop = eventLoop as? WorldLoop else { throw OSError(WorldErrno.unsupported, "timerfd_create") }
        return WorldAlarm(of: self, on: loop, handler: handler)
    }

    package func watchForStep(
        on eventLoop: any EventLoop, handler: @escaping () -> Void
    ) throws(OSError) -> any ClockStepWatch {
        guard let loop = eventLoop as? WorldLoop else { throw OSError(WorldErrno.unsupported, "timerfd_create") }
        guard tellsOfSteps else { throw OSError(WorldErrno.unsupported, "timerfd_settime") }
        let watch = WorldStepWatch(on: loop, handler: handler)
        stepWatches = stepWatches.filter { $0.watch != nil } + [Weak(watch: watch)]
        return watch
    }

    private func tellOfStep() {
        let watches = stepWatches
        stepWatches = []
        for entry in watches { entry.watch?.stepped() }
    }

    /// When it is `instant`, in the world's time.
    fileprivate func time(of instant: Instant) -> Int64 {
        WorldTime.adding(WorldTime.nanoseconds(instant.sinceBoot), to: bootedAt)
    }

    // MARK: - Helpers

    private static func makeBootID(_ random: WorldRandom) -> String {
        [random.next(), random.next()].map { word in
            let text = String(word, radix: 16)
            return String(repeating: "0", count: 16 - text.count) + text
        }.joined()
    }

    private static func nanoseconds(_ wall: WallTime) -> Int64 {
        let (product, overflow) = wall.millisecondsSince1970.multipliedReportingOverflow(by: 1_000_000)
        // Centuries are left for what is added to it.
        let most = Int64.max / 4 * 3
        return overflow ? (wall.millisecondsSince1970 < 0 ? -most : most) : max(-most, min(product, most))
    }

    private static func floor(_ number: Int64, by divisor: Int64) -> Int64 {
        let (quotient, remainder) = number.quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }
}

/// A deadline as a task of the loop.
private final class WorldAlarm: ClockAlarm {
    private let clock: WorldClock
    private let loop: WorldLoop
    private var handler: (() -> Void)?
    private var task: TaskQueue.ID?

    init(of clock: WorldClock, on loop: WorldLoop, handler: @escaping () -> Void) {
        self.clock = clock
        self.loop = loop
        self.handler = handler
    }

    func set(_ deadline: Instant?) {
        if let task { loop.scheduler.queue.cancel(task) }
        task = nil
        guard let deadline, handler != nil else { return }
        task = loop.add(at: clock.time(of: deadline)) { [weak self] in
            self?.task = nil
            self?.handler?()
        }
    }

    func close() {
        set(nil)
        handler = nil
    }
}

/// Waits for the wall clock to be set; a turn of the loop later it is said.
private final class WorldStepWatch: ClockStepWatch {
    private let loop: WorldLoop
    private var handler: (() -> Void)?

    init(on loop: WorldLoop, handler: @escaping () -> Void) {
        self.loop = loop
        self.handler = handler
    }

    func stepped() {
        _ = loop.add(at: loop.scheduler.now) { [self] in
            let handler = self.handler
            self.handler = nil
            handler?()
        }
    }

    func close() { handler = nil }
}
