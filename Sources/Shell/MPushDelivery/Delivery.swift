import MPushCipher
import MPushConfiguration
package import MPushConnection
package import MPushInbox
package import MPushModel
package import MPushPlatform
import MPushRouting
package import MPushSystemd

/// Hands stored messages to routes and followers, each at its own pace and with a durable cursor of its own. What they
/// confirm goes to the ledger, which acknowledges it. Belongs to its event loop.
package final class Delivery {
    /// What delivery needs of its surroundings.
    package struct Environment {
        package let machine: Machine
        package let inbox: Inbox
        package let connectors: Connector.Environment
        package let wallClock: WallClockWatch
        package let log: Logger
        /// `mpushd/1.0`: for webhooks.
        package let userAgent: String
        /// How long a program that is stopped may still run, to end by itself.
        package let programPatience: Duration

        package init(
            machine: Machine, inbox: Inbox, connectors: Connector.Environment, wallClock: WallClockWatch,
            log: Logger, userAgent: String, programPatience: Duration = .seconds(2)
        ) {
            self.machine = machine
            self.inbox = inbox
            self.connectors = connectors
            self.wallClock = wallClock
            self.log = log
            self.userAgent = userAgent
            self.programPatience = programPatience
        }
    }

    private enum Phase {
        case running
        /// The last attempts end, and are recorded; then this is called.
        case stopping(() -> Void)
        case stopped
    }

    /// Who awaits that a message is confirmed.
    let acks: AckLedger
    let environment: Environment
    private(set) weak var observer: (any DeliveryObserver)?
    private let targets: RouteTargets
    private let followers: FollowerTable
    /// In the order of the configuration.
    private(set) var routes: [RouteRunner] = []
    /// Stopped, and not at their end; a route of the same name waits for that.
    private var ending: [String: RouteRunner] = [:]
    private var printer: PrinterFollower?
    private var hasRetiredOthers = false
    private var phase = Phase.running

    /// No routes yet. The observer is not kept alive.
    package init(in environment: Environment, observer: any DeliveryObserver) {
        self.environment = environment
        self.observer = observer
        acks = AckLedger { [timer = environment.connectors.timer] in timer.wall }
        targets = RouteTargets(
            programs: environment.machine.programs(environment.connectors.eventLoop, environment.programPatience),
            machine: environment.machine, connectors: environment.connectors, log: environment.log,
            wallClock: environment.wallClock, userAgent: environment.userAgent)
        followers = FollowerTable(inbox: environment.inbox, timer: environment.connectors.timer, acks: acks)
        environment.wallClock.onStep { [weak self] in
            for route in self?.routes ?? [] { route.clockSet() }
        }
    }

    /// These routes are configured now: those of a name that was there before go on where they are, with the new settings.
    package func apply(_ routes: [LoadedRoute]) {
        guard case .running = phase else { return }
        let names = Set(routes.map(\.settings.name))
        for runner in self.routes where !names.contains(runner.name) { remove(runner) }
        let before = Dictionary(self.routes.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
        self.routes = routes.map { route in
            if let runner = before[route.settings.name] {
                runner.apply(route)
                return runner
            }
            let runner = makeRunner(route)
            if ending[runner.name] == nil { runner.open() }
            return runner
        }
        retireOthers()
        observer?.deliveryChanged()
    }

    /// Messages were stored just now, in this order: whoever waits for the next ones gets them without asking the disk.
    package func stored(_ messages: [StoredMessage]) {
        for route in routes { route.stored(messages) }
        followers.stored(messages)
    }

    /// The inbox began anew, with an empty database: every consumer begins at its first message.
    package func inboxBegunAnew() {
        acks.removeAll()
        followers.inboxBegunAnew()
        for runner in Array(ending.values) { runner.abandon() }
        ending = [:]
        switch phase {
        case .running: break
        case .stopping, .stopped: return checkWhetherStopped()
        }
        routes = routes.map { old in
            old.abandon()
            // What was stored, and acknowledged, together with this news is before it.
            let runner = makeRunner(old.route, fromOldest: true)
            runner.open()
            return runner
        }
        observer?.deliveryChanged()
    }

    /// How many followers are told of each message that is stored.
    var listening: Int { followers.listeners.count }

    /// What there is to say of the routes, in the order of the configuration.
    package var status: [RouteStatus] { routes.map(\.status) }

    /// Messages for a named follower, from where it came to; with a window of `window` that are not acknowledged. A name
    /// has one follower at a time: the one before is ended. `fromOldest` says where a new name begins.
    package func follow(
        _ name: String, window: Int, fromOldest: Bool, sink: any FollowerSink,
        done: @escaping (Result<Follower, InboxFailure>) -> Void
    ) {
        followers.follow(name, window: window, fromOldest: fromOldest, sink: sink, done: done)
    }

    /// Messages are confirmed by the follower `name`, connected or not; all that are named are recorded together. `done` hears
    /// why that cannot be, or that one of them is not there; the others count all the same.
    package func acknowledge(
        _ acknowledgement: Acknowledgement, by name: String, done: @escaping (InboxFailure?) -> Void
    ) {
        followers.acknowledge(acknowledgement, by: name, done: done)
    }

    /// Writes each message to `descriptor` as a line of JSON, as a follower of its own; where that is nil nobody does, and
    /// nothing is kept for it. Where that ends, it begins `again` after a wait. `onFailure` hears why a line could not be
    /// written.
    package func printMessages(
        to descriptor: CInt?, again wait: Duration = .seconds(5), onFailure: @escaping (OSError) -> Void
    ) {
        let name = MessagePrinter.name
        guard let descriptor else { return environment.inbox.retireConsumer(.follower(name)) }
        let sink = MessagePrinter(
            to: descriptor, threads: environment.machine.threads, on: environment.connectors.eventLoop,
            onWritten: { [weak self] position in self?.acknowledge(.upTo(position), by: name) { _ in } },
            onFailure: onFailure)
        printer = PrinterFollower(
            sink, in: followers, timer: environment.connectors.timer, log: environment.log, wait: wait)
        printer?.begin()
    }

    /// Ends what is under way: programs with their process groups, requests, followers. `done` is called when nothing is
    /// left and all is recorded.
    package func stop(done: @escaping () -> Void) {
        guard case .running = phase else { return }
        phase = .stopping(done)
        let stopped = routes
        routes = []
        // All first: one that ends at once must not find that no other is left.
        for runner in stopped where ending[runner.name] == nil { ending[runner.name] = runner }
        for runner in stopped { end(runner) {} }
        printer?.stop()
        followers.stop { [weak self] in self?.checkWhetherStopped() }
    }

    private func checkWhetherStopped() {
        guard case .stopping(let done) = phase, ending.isEmpty, followers.isStopped else { return }
        phase = .stopped
        targets.programs.close()
        done()
    }
}

// MARK: - Routes

extension Delivery {
    private func makeRunner(_ route: LoadedRoute, fromOldest: Bool = false) -> RouteRunner {
        RouteRunner(
            route,
            in: RouteRunner.Environment(
                inbox: environment.inbox, timer: environment.connectors.timer, targets: targets, acks: acks,
                log: environment.log, observer: { [weak self] in self?.observer }),
            fromOldest: fromOldest)
    }

    private func remove(_ runner: RouteRunner) {
        end(runner) { [environment] in environment.inbox.retireConsumer(.route(runner.name)) }
    }

    private func end(_ runner: RouteRunner, then done: @escaping () -> Void) {
        // It never began, for it still waits for the end of the one before.
        if let before = ending[runner.name], before !== runner { return runner.abandon() }
        ending[runner.name] = runner
        runner.stop { [weak self] in
            done()
            guard let self, ending[runner.name] === runner else { return }
            ending[runner.name] = nil
            // It may be configured again by now.
            routes.first { $0.name == runner.name }?.open()
            checkWhetherStopped()
        }
    }

    /// Routes that an earlier configuration had, and this one has not, hold nothing back.
    private func retireOthers() {
        guard !hasRetiredOthers else { return }
        hasRetiredOthers = true
        environment.inbox.consumers { [weak self] answer in
            guard let self else { return }
            guard case .success(let consumers) = answer else {
                hasRetiredOthers = false
                return
            }
            for case .route(let name) in consumers.keys where !routes.contains(where: { $0.name == name }) {
                environment.inbox.retireConsumer(.route(name))
            }
        }
    }
}

/// Who hears how routes get on. Called on the event loop.
package protocol DeliveryObserver: AnyObject {
    /// A route's attempt at a message is over.
    func attemptEnded(route: String, result: AttemptResult, took: Duration, age: Duration)
    /// Something in `Delivery.status` has changed.
    func deliveryChanged()
}
