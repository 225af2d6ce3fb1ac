import Glibc
package import MPushConfiguration
package import MPushConnection
import MPushDelivery
package import MPushIdentity
import MPushInbox
package import MPushLocalAPI
import MPushModel
package import MPushPlatform
package import MPushSystemd
import MPushTLS
package import NIOCore

/// The composition root: one event loop with its timer, the inbox, the routes, the identities, the local API, the signals,
/// the service manager. It makes them, joins them and ends them, and does nothing else. Belongs to its event loop.
package final class Daemon {
    /// What the command line says.
    package struct Options: Sendable {
        package var configurationFile: String
        /// Write each message to standard output.
        package var printsMessages: Bool
        /// The version of the program.
        package var version: String
        /// Until the API's socket, where it could not be made, is tried again.
        package var apiRetryPause = Duration.seconds(10)
        /// Where that socket comes from.
        package var sockets: any LocalAPISockets = UnixSockets()

        package init(configurationFile: String, printsMessages: Bool, version: String) {
            self.configurationFile = configurationFile
            self.printsMessages = printsMessages
            self.version = version
        }
    }

    /// Where the daemon is in its life.
    enum Phase {
        /// The inbox is being opened; there is nothing else yet.
        case starting
        case running(Parts)
        /// All is told to end; it exits with `code` once nothing of `left` is. There are no parts where it never ran.
        case stopping(code: CInt, left: Set<Part>, Parts?)
        /// Everything else has ended: the inbox writes what it has.
        case closingInbox(code: CInt, Parts?)
        case stopped
    }

    /// What there is once the inbox is open.
    struct Parts {
        let delivery: Delivery
        let intake: InboxIntake
        let fleet: IdentityFleet
        let service: DaemonService
        let api: LocalAPIHost
    }

    /// What a stop waits for.
    enum Part: CaseIterable {
        case api
        case delivery
        case identities
    }

    /// How long connections may take to close in good order, and to have taken what they received.
    private static let connectionGrace = Duration.seconds(1)
    /// How long the end may take: programs are told to end, and killed after two seconds, what waits is written.
    private static let stopGrace = Duration.seconds(6)

    /// How long the inbox may take to open, from the start and again from the start of a migration, before systemd takes
    /// the start for failed.
    static let longestOpening = Duration.seconds(600)

    let options: Options
    let log: Logger
    let notifier: ServiceNotifier
    let services: LoopServices
    let metrics = DeliveryMetrics()
    let state: StateDirectory
    /// In force; set by `reload`.
    package internal(set) var settings: LoadedSettings
    let digestAtStart: ConfigurationDigest
    private(set) var phase = Phase.starting
    let events: EventRing
    let machine: Machine
    /// What the configuration is read from.
    let environment: any ConfigurationSource
    private let started: WallTime
    private let startedAt: Instant
    private let onStopped: (CInt) -> Void
    /// Takes the messages in place of the inbox, for tests.
    private let consumer: (any MessageConsumer)?
    private var watchdog: Watchdog?
    var lastStatus = ""
    /// Whether every identity was connected once.
    private var isStartOver = false

    /// A daemon on `eventLoop`, where this has to be called. `onStopped` hears, once, with what to exit. Messages go to
    /// `consumer` where there is one, else to the inbox.
    package init(
        _ settings: LoadedSettings, state: StateDirectory, options: Options, log: Logger, notifier: ServiceNotifier,
        machine: Machine, environment: any ConfigurationSource, consumer: (any MessageConsumer)? = nil,
        on eventLoop: any EventLoop,
        onStopped: @escaping (CInt) -> Void
    ) throws(OSError) {
        self.settings = settings
        digestAtStart = settings.configuration.digest
        self.options = options
        self.notifier = notifier
        self.onStopped = onStopped
        self.consumer = consumer
        self.machine = machine
        self.environment = environment
        let clock = machine.clock
        events = EventRing(on: eventLoop, clock: clock)
        (started, startedAt) = (clock.wall, clock.now)
        self.log = log
        self.state = state
        let back = BackReference()
        let timer = try LoopTimer(on: eventLoop, clock: clock)
        let inbox = Inbox(
            directory: state.path, lock: state.lock, settings: settings.configuration.inbox, clock: clock,
            threads: machine.threads, files: machine.files, timer: timer, onNews: { back.daemon?.handle($0) })
        services = LoopServices(
            eventLoop: eventLoop, timer: timer, machine: machine, inbox: inbox,
            userAgent: "mpushd/\(options.version)")
        back.daemon = self
    }

    /// What the parts that are made before the daemon find it by.
    private final class BackReference {
        weak var daemon: Daemon?
    }

    /// What there is to say of each identity.
    package var status: [IdentityStatus] { parts?.fleet.runners.map(\.status) ?? [] }

    /// What the local API does; nil while the daemon does not run.
    package var service: DaemonService? { parts?.service }

    /// nil before the inbox is open, and after the end.
    var parts: Parts? {
        switch phase {
        case .running(let parts): parts
        case .stopping(_, _, let parts), .closingInbox(_, let parts): parts
        case .starting, .stopped: nil
        }
    }

    /// Whether a stop was asked for.
    var isStopping: Bool {
        switch phase {
        case .starting, .running: false
        case .stopping, .closingInbox, .stopped: true
        }
    }

    // MARK: - The start

    /// Opens the inbox, then runs routes and identities and tells the service manager that all is ready.
    package func start() {
        warn(of: settings)
        log.log(.started, "mpushd \(options.version) started: \(settings.summary)", [.file(options.configurationFile)])
        // What takes long at a start is the inbox alone: a journal to play back, a check, another version's tables.
        notifier.extendTimeout(by: Daemon.longestOpening)
        notifier.status("opening the inbox")
        services.load()
        services.inbox.open { [weak self] tickets in self?.inboxOpened(tickets) }
        startWatchdog()
    }

    private func inboxOpened(_ tickets: [StoredTicket]) {
        guard case .starting = phase else { return }
        let parts = makeParts(tickets)
        phase = .running(parts)
        parts.delivery.apply(settings.routes)
        parts.delivery.printMessages(to: options.printsMessages ? STDOUT_FILENO : nil) { [weak self] error in
            self?.printingFailed(error)
        }
        parts.fleet.apply(settings)
        parts.api.open()
        lastStatus = StatusLine.text(for: parts.fleet.summary, by: machine.clock)
        notifier.ready(status: lastStatus)
    }

    private func makeParts(_ tickets: [StoredTicket]) -> Parts {
        let delivery = Delivery(
            in: Delivery.Environment(
                machine: machine, inbox: services.inbox, connectors: services.forRoutes,
                wallClock: services.wallClock, log: log, userAgent: services.userAgent),
            observer: self)
        let intake = InboxIntake(
            inbox: services.inbox, delivery: delivery, consumerAck: settings.configuration.inbox.consumerAck)
        let fleet = IdentityFleet(
            services: services, tickets: tickets,
            journal: FleetJournal(log, events: events, timer: services.timer), consumer: consumer ?? intake,
            onChange: { [weak self] in self?.fleetChanged() })
        let service = DaemonService(
            DaemonService.Facts(
                version: options.version, configurationFile: options.configurationFile, started: started,
                startedAt: startedAt),
            fleet: fleet, delivery: delivery, inbox: services.inbox, events: events, metrics: metrics, owner: self,
            files: machine.files, timer: services.timer)
        intake.onStored = { [weak service] messages in service?.stored(messages) }
        let api = LocalAPIHost(
            of: service, settings.configuration.api, options: options, metrics: metrics, log: log,
            timer: services.timer, on: services.eventLoop)
        return Parts(delivery: delivery, intake: intake, fleet: fleet, service: service, api: api)
    }

    private func startWatchdog() {
        guard let interval = WatchdogInterval.ofThisProcess() else { return }
        let watchdog = Watchdog(interval, notifier: notifier, timer: services.timer, log: log, on: services.eventLoop) {
            [weak self] now, grace in
            guard let self else { return nil }
            // Nor is what ran since the last sign of life needed again soon.
            if isStartOver { machine.memory.releaseStartCode() }
            if services.inbox.isStuck { return "the inbox" }
            return parts?.fleet.overdue(at: now, grace: grace).map { "identity \($0)" }
        }
        self.watchdog = watchdog
        watchdog.start()
    }

    /// What a signal of the process asks for.
    package func received(_ signal: SignalReader.Signal) {
        switch signal {
        case .hangUp: try? reload()
        case .user1: reconnect()
        case .interrupt, .terminate: stop(EX_OK)
        }
    }

    /// A connection now, for each identity: skips one wait.
    package func reconnect() { parts?.fleet.reconnect() }

    // MARK: - Status

    /// Comes once for all changes of one turn of the loop.
    private func fleetChanged() {
        guard case .running(let parts) = phase else { return partsChanged() }
        let line = StatusLine.text(for: parts.fleet.summary, by: machine.clock)
        guard line != lastStatus else { return }
        lastStatus = line
        notifier.status(line)
        if parts.fleet.summary.isSettled, !isStartOver { releaseStartCode() }
    }

    /// Once every identity is connected, and the last look of the inbox after that (`Inbox.longestJob`) is done: what only a
    /// start needs took megabytes of code that an idle daemon does not look at again.
    private func releaseStartCode() {
        isStartOver = true
        services.timer.schedule(in: .seconds(11)) { [memory = machine.memory] in memory.releaseStartCode() }
    }

    // MARK: - The end

    /// Closes all connections, ends all programs, and then calls `onStopped` with `code`; asked a second time, at once.
    package func stop(_ code: CInt) {
        let parts: Parts?
        switch phase {
        case .starting: parts = nil
        case .running(let running): parts = running
        case .stopping, .closingInbox, .stopped: return finish()
        }
        phase = .stopping(code: code, left: parts == nil ? [] : Set(Part.allCases), parts)
        notifier.stopping(status: "stopping")
        log.log(.stopping, "stopping")
        services.timer.schedule(in: Daemon.stopGrace) { [weak self] in self?.finish() }
        guard let parts else { return partsChanged() }
        services.timer.schedule(in: Daemon.connectionGrace) { [weak self] in self?.ended(.identities) }
        parts.api.close("mpushd is stopping") { [weak self] in self?.ended(.api) }
        parts.delivery.stop { [weak self] in self?.ended(.delivery) }
        parts.fleet.stop()
        partsChanged()
    }

    private func ended(_ part: Part) {
        guard case .stopping(let code, var left, let parts) = phase else { return }
        left.remove(part)
        phase = .stopping(code: code, left: left, parts)
        partsChanged()
    }

    /// Goes on with the end, as far as it is.
    private func partsChanged() {
        guard case .stopping(let code, var left, let parts) = phase else { return }
        if parts?.fleet.hasStopped == true { left.remove(.identities) }
        guard left.isEmpty else { return }
        phase = .closingInbox(code: code, parts)
        services.inbox.close { [weak self] in self?.finish() }
    }

    private func finish() {
        let code: CInt
        switch phase {
        case .stopping(let wanted, _, _), .closingInbox(let wanted, _): code = wanted
        case .starting, .running, .stopped: return
        }
        watchdog?.stop()
        parts?.fleet.finish()
        phase = .stopped
        services.timer.close()
        state.lock.release()
        onStopped(code)
    }
}
