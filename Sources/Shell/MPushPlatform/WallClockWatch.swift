package import MPushModel

/// What the programs of one event loop know of the wall clock: whether it can be believed, and when somebody sets it. Looks
/// only while somebody waits for that. Belongs to its event loop.
package final class WallClockWatch {
    /// How often the clocks are compared, for a kernel that does not say that one was set (a sandbox's, or where a library
    /// shifts the clock of this process alone).
    private static let comparedEvery = Duration.milliseconds(500)
    /// By how much the wall clock has to part from the time since the boot in that time: steering does far less.
    private static let leastStep: Int64 = 1000

    private let timer: LoopTimer
    private let newestOnRecord: () -> WallTime?
    private var handlers: [() -> Void] = []
    private(set) var waiting: Set<ObjectIdentifier> = []
    private var owner: LoopTimer.Owner?
    private var stepWatch: (any ClockStepWatch)?
    private var base: Int64 = 0

    /// `newestOnRecord` is asked for the latest wall time that an earlier boot has left.
    package init(timer: LoopTimer, newestOnRecord: @escaping () -> WallTime?) {
        self.timer = timer
        self.newestOnRecord = newestOnRecord
    }

    /// The same cause, or `clock` where this machine's clock is not believed in what it says of a certificate.
    package func judge(_ cause: LossCause) -> LossCause {
        cause.judged(
            by: ClockEvidence(
                wall: timer.wall, newestOnRecord: newestOnRecord(), isSynchronised: timer.clock.isWallSynchronised))
    }

    /// Calls `handler` whenever the clock was set while somebody waited for it.
    package func onStep(_ handler: @escaping () -> Void) { handlers.append(handler) }

    /// Whether `waiter` waits for the clock to be set. To be taken back before it is gone.
    package func setWaiting(_ isWaiting: Bool, _ waiter: AnyObject) {
        guard isWaiting != waiting.contains(ObjectIdentifier(waiter)) else { return }
        if isWaiting {
            waiting.insert(ObjectIdentifier(waiter))
            if waiting.count == 1 { begin() }
        } else {
            waiting.remove(ObjectIdentifier(waiter))
            if waiting.isEmpty { end() }
        }
    }

    private func begin() {
        let owner = timer.makeOwner { [weak self] now in self?.compare(at: now) }
        self.owner = owner
        base = difference
        timer.set(timer.now + WallClockWatch.comparedEvery, for: owner)
        watch()
    }

    private func end() {
        if let owner { timer.remove(owner) }
        owner = nil
        stepWatch?.close()
        stepWatch = nil
    }

    /// The kernel says it once. Where it cannot be asked, comparing has to do.
    private func watch() {
        stepWatch = try? timer.clock.watchForStep(on: timer.eventLoop) { [weak self] in self?.stepped() }
    }

    private func compare(at now: Instant) {
        guard let owner else { return }
        timer.set(now + WallClockWatch.comparedEvery, for: owner)
        let difference = difference
        guard abs(difference.subtractingReportingOverflow(base).partialValue) < WallClockWatch.leastStep else {
            return stepped()
        }
        base = difference
    }

    private func stepped() {
        guard owner != nil else { return }
        base = difference
        stepWatch?.close()
        watch()
        for handler in handlers { handler() }
    }

    private var difference: Int64 {
        timer.wall.millisecondsSince1970.subtractingReportingOverflow(timer.now.sinceBoot.wholeMilliseconds)
            .partialValue
    }
}
