import MPushModel
import MPushPlatform
import MPushSupervision
import MPushSystemd
import NIOCore

/// The machine's network, as the identities of one event loop see it: looks at it when the kernel says that something has
/// changed. Belongs to its event loop.
final class FleetNetwork {
    private let routes: any RoutingTable
    private let sleepNews: any SleepNews
    private let timer: LoopTimer
    private let log: Logger
    /// Hears of each look that is for a reason, and answers whether somebody waits for a route.
    private let onLook: (NetworkLook) -> Bool
    private var watch: (any NetworkWatch)?
    private var stepWatch: (any ClockStepWatch)?
    private var sleepWatch: (any SleepWatch)?
    /// Whether it was said that nobody tells of sleep.
    private var isUnheardSaid = false
    private var owner: LoopTimer.Owner?
    private var bell = NetworkBell()
    private var gauge = SleepGauge()

    init(
        _ routes: any RoutingTable, _ sleepNews: any SleepNews, timer: LoopTimer, log: Logger,
        onLook: @escaping (NetworkLook) -> Bool
    ) {
        self.routes = routes
        self.sleepNews = sleepNews
        self.timer = timer
        self.log = log
        self.onLook = onLook
    }

    /// Begins to listen. Where nobody says when the network changes, that is said once, and all goes on without.
    func start() {
        guard owner == nil else { return }
        owner = timer.makeOwner { [weak self] now in self?.deadlineReached(at: now) }
        do throws(OSError) {
            watch = try routes.watch(on: timer.eventLoop) { [weak self] in self?.doubt() }
        } catch {
            log.log(
                .notice,
                "the kernel does not tell when the network changes (\(error)); a dead connection is found by its heartbeats"
            )
        }
        guard watch != nil else { return }
        _ = gauge.read(timer.now, monotonic: timer.clock.monotonic)
        watchForSleep()
        sleepWatch = sleepNews.watch(by: timer) { [weak self] in self?.heard($0) }
    }

    /// logind says it too, where there is a bus: the clocks are not the same everywhere, and a virtual machine's may stand
    /// still together. Before a sleep there is nothing to do but to know of it: nothing is lost by it that an orderly end
    /// would save.
    private func heard(_ event: SleepEvent) {
        switch event {
        case .listening: break
        case .sleeps: gauge.sleeps()
        case .woke: if gauge.told(at: timer.now) { doubt() }
        case .unheard(let reason):
            guard !isUnheardSaid else { return }
            isUnheardSaid = true
            log.log(.debug, "the system bus does not tell when this machine wakes (\(reason)); its clocks do")
        }
    }

    /// The kernel says that the clock was set where the machine wakes, too (timerfd_create(2), TFD_TIMER_CANCEL_ON_SET): a
    /// connection may be long dead, with its heartbeat not due for minutes, and no link needs to have changed.
    private func watchForSleep() {
        stepWatch?.close()
        stepWatch = try? timer.clock.watchForStep(on: timer.eventLoop) { [weak self] in
            self?.watchForSleep()
            self?.doubt()
        }
    }

    /// Whether the kernel says what the network is like.
    var isWatching: Bool { watch != nil }

    /// What the network is like now; nil where nobody says.
    func look() -> NetworkLook? { makeLook(.change) }

    /// The network may not be what it was.
    func doubt() {
        guard watch != nil else { return }
        bell.rang(at: timer.now)
        rearm()
    }

    /// Somebody waits for a route from now on, and it may not be said when there is one.
    func routeIsAwaited() {
        guard watch != nil, bell.nextDeadline == nil else { return }
        bell.looked(isRouteAwaited: true, at: timer.now)
        rearm()
    }

    func stop() {
        watch?.close()
        watch = nil
        stepWatch?.close()
        stepWatch = nil
        sleepWatch?.close()
        sleepWatch = nil
        if let owner { timer.remove(owner) }
        owner = nil
    }

    private func makeLook(_ reason: NetworkBell.Reason) -> NetworkLook? {
        guard watch != nil else { return nil }
        let hasSlept = gauge.read(timer.now, monotonic: timer.clock.monotonic)
        return NetworkLook(routes, reason, hasSlept: hasSlept)
    }

    private func deadlineReached(at now: Instant) {
        guard let reason = bell.deadlineReached(at: now) else { return }
        // Before the look: what changes from here on is said again.
        watch?.listen()
        if let look = makeLook(reason) { bell.looked(isRouteAwaited: onLook(look), at: now) }
        rearm()
    }

    private func rearm() {
        if let owner { timer.set(bell.nextDeadline, for: owner) }
    }
}

/// The network at one moment: what many ask is asked once. Not to be kept.
final class NetworkLook {
    let hasSlept: Bool
    private let reason: NetworkBell.Reason
    private let routes: any RoutingTable
    private var answers: [SocketAddress: RouteAnswer] = [:]
    private(set) lazy var ownAddresses = routes.ownAddresses()
    /// Whether there is a route to the Internet: to two of its root name servers, of which nothing is asked.
    private lazy var hasDefaultRoute = ["198.41.0.4", "2001:503:ba3e::2:30"].contains { address in
        (try? SocketAddress(ipAddress: address, port: 53)).map { route(to: $0).mayLead } ?? false
    }

    fileprivate init(_ routes: any RoutingTable, _ reason: NetworkBell.Reason, hasSlept: Bool) {
        self.routes = routes
        self.reason = reason
        self.hasSlept = hasSlept
    }

    func route(to address: SocketAddress) -> RouteAnswer {
        if let answer = answers[address] { return answer }
        let answer = routes.route(to: address)
        answers[address] = answer
        return answer
    }

    /// The route to a server. A link that seems to be down is believed, but now and then it is tried: drivers differ.
    func routeOfServer(_ address: SocketAddress) -> RouteAnswer {
        let answer = route(to: address)
        if reason == .idle, answer != .none, !answer.mayLead { return .unknown }
        return answer
    }

    /// Whether a server whose addresses nobody knows may be reached. Where names were not found and there is no route to
    /// anywhere far, it cannot, until something changes; but names have come from odd places, so now and then it is tried.
    func mayReachUnknown(afterNotFound wasNotFound: Bool) -> Bool {
        reason == .idle || !wasNotFound || hasDefaultRoute
    }
}
