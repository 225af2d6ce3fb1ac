import MPushModel
import MPushPlatform
import MPushSystemd
import NIOCore

/// Tells the service manager that the daemon lives (WATCHDOG=1), but only while it does: the event loop that this runs on
/// must come round to it, and every identity must have done what was due (sd_watchdog_enabled(3)).
///
/// It looks a turn of the loop after its time: all that became due with it, as after a sleep of the machine everything
/// does, has had its own turn by then.
final class Watchdog {
    /// How late anything may be before it counts as stuck.
    private static let grace = Duration.seconds(10)

    private let interval: WatchdogInterval
    private let notifier: ServiceNotifier
    private let timer: LoopTimer
    private let log: Logger
    private let eventLoop: any EventLoop
    private let findStuck: (Instant, Duration) -> String?
    private var owner: LoopTimer.Owner?

    /// - Parameter findStuck: names a part of the daemon that is later than the grace; nil when all are in time.
    init(
        _ interval: WatchdogInterval, notifier: ServiceNotifier, timer: LoopTimer, log: Logger,
        on eventLoop: any EventLoop, findStuck: @escaping (Instant, Duration) -> String?
    ) {
        self.interval = interval
        self.notifier = notifier
        self.timer = timer
        self.log = log
        self.eventLoop = eventLoop
        self.findStuck = findStuck
    }

    /// Begins, with a first sign of life at once.
    func start() {
        owner = timer.makeOwner { [weak self] _ in self?.deadlineReached() }
        look()
    }

    /// Gives no more signs.
    func stop() {
        if let owner { timer.remove(owner) }
        owner = nil
    }

    private func deadlineReached() {
        eventLoop.assumeIsolated().execute { [weak self] in self?.look() }
    }

    private func look() {
        guard let owner else { return }
        let now = timer.now
        if let stuck = findStuck(now, Watchdog.grace) {
            log.log(
                .watchdogSilent, "\(stuck) does not answer; the service manager will restart mpushd",
                [.component(stuck)])
        } else {
            notifier.watchdog()
        }
        timer.set(now + interval.pingEvery, for: owner)
    }
}
