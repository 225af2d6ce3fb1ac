import CLinux
import Glibc
import MPushCipher
package import MPushConfiguration
package import MPushConnection
import MPushDelivery
package import MPushIdentity
import MPushInbox
import MPushLocalAPI
import MPushModel
package import MPushPlatform
package import MPushSystemd
import MPushTLS
package import NIOCore

/// The composition root: one event loop with its timer, the inbox, the routes, a runner for each identity, the local API,
/// the signals, the service manager. Belongs to its event loop.
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

        package init(configurationFile: String, printsMessages: Bool, version: String) {
            self.configurationFile = configurationFile
            self.printsMessages = printsMessages
            self.version = version
        }
    }

    /// How long connections may take to close in good order, and to have taken what they received.
    private static let connectionGrace = Duration.seconds(1)
    /// How long the end may take: programs are told to end, and killed after two seconds, what waits is written.
    private static let stopGrace = Duration.seconds(6)

    /// How long the inbox may take to open, from the start and again from the begin of a migration, before systemd takes
    /// the start for failed.
    static let longestOpening = Duration.seconds(600)

    let options: Options
    let log: Logger
    let notifier: ServiceNotifier
    let services: LoopServices
    let events: EventRing
    let started = BootClock.wall()
    let startedAt = BootClock.now()
    let state: StateDirectory
    var stateDirectory: String { state.path }
    var settings: LoadedSettings
    private let digestAtStart: ConfigurationDigest
    private(set) var runners: [IdentityRunner] = []
    /// Those of identities that are not configured any more, until they have stopped.
    private var leaving: [IdentityRunner] = []
    private let onStopped: (CInt) -> Void
    /// Takes the messages in place of the inbox, for tests.
    private let consumer: (any MessageConsumer)?
    /// Made by `start`.
    private(set) var delivery: Delivery?
    private(set) var intake: InboxIntake?
    var printer: Follower?
    var control: DaemonControl?
    var api: LocalAPIServer?
    /// There since the API's socket could not be made.
    var apiRetry: LoopTimer.Owner?
    var metrics = DaemonMetrics()
    private var storedTickets: [String: StoredTicket] = [:]
    private var signals: SignalReader?
    private var watchdog: Watchdog?
    private var statusIsDue = false
    private var lastStatus = ""
    private(set) var exitCode: CInt?
    private var isAPIClosed = false
    private var isDeliveryStopped = false
    private var isInboxClosing = false
    private var isPatienceOver = false
    /// Whether the code that only the start needed was let go of.
    private var isStartOver = false

    /// A daemon on `eventLoop`, where this has to be called. `onStopped` hears, once, with what to exit. Messages go to
    /// `consumer` where there is one, else to the inbox.
    package init(
        _ settings: LoadedSettings, state: StateDirectory, options: Options, log: Logger, notifier: ServiceNotifier,
        consumer: (any MessageConsumer)? = nil, on eventLoop: any EventLoop, onStopped: @escaping (CInt) -> Void
    ) throws(OSError) {
        self.settings = settings
        digestAtStart = settings.configuration.digest
        self.options = options
        self.notifier = notifier
        self.onStopped = onStopped
        self.consumer = consumer
        events = EventRing(on: eventLoop)
        self.log = log.copying(to: events)
        self.state = state
        let back = BackReference()
        let inbox = Inbox(
            directory: state.path, lock: state.lock, settings: settings.configuration.inbox, on: eventLoop,
            onNews: { back.daemon?.heard($0) })
        services = LoopServices(
            eventLoop: eventLoop, timer: try LoopTimer(on: eventLoop), lookup: NameLookup(on: eventLoop),
            tlsSessions: TLSSessionCache { (BootClock.now(), BootClock.wall()) }, inbox: inbox,
            userAgent: "mpushd/\(options.version)")
        back.daemon = self
    }

    /// What the parts that are made before the daemon find it by.
    private final class BackReference {
        weak var daemon: Daemon?
    }

    // MARK: - Life

    /// Opens the inbox, then runs routes and identities and tells the service manager that all is ready.
    package func start() throws(OSError) {
        signals = try SignalReader(on: services.eventLoop) { [weak self] signal in self?.received(signal) }
        warn(of: settings)
        log.log(.started, "mpushd \(options.version) started: \(settings.summary)", [.file(options.configurationFile)])
        // What takes long at a start is the inbox alone: a journal to play back, a check, another version's tables.
        notifier.extendTimeout(by: Daemon.longestOpening)
        notifier.status("opening the inbox")
        services.inbox.open { [weak self] tickets in self?.inboxOpened(tickets) }
        startWatchdog()
    }

    private func inboxOpened(_ tickets: [StoredTicket]) {
        guard exitCode == nil else { return finishWhenStopped() }
        storedTickets = Dictionary(tickets.map { ($0.identity, $0) }, uniquingKeysWith: { first, _ in first })
        let delivery = Delivery(
            in: Delivery.Environment(
                inbox: services.inbox, connectors: services.forConnectors, log: log, userAgent: services.userAgent),
            observer: self)
        self.delivery = delivery
        intake = InboxIntake(
            inbox: services.inbox, delivery: delivery, consumerAck: settings.configuration.inbox.consumerAck)
        delivery.apply(settings.routes)
        if options.printsMessages {
            startPrinting(delivery)
        } else {
            // It may have been there once; nothing is to be kept for it.
            services.inbox.retireConsumer(.follower(MessagePrinter.name))
        }
        runners = settings.identities.compactMap { makeRunner($0) }
        for runner in runners { runner.start() }
        openAPI()
        lastStatus = StatusLine.text(for: status)
        notifier.ready(status: lastStatus)
    }

    /// What there is to say of each identity.
    package var status: [IdentityStatus] { runners.map(\.status) }

    /// A connection now, for each identity: skips one wait.
    package func reconnect() {
        for runner in runners { runner.reconnect() }
    }

    /// Closes all connections, ends all programs, and then calls `onStopped` with `code`; asked a second time, at once.
    package func stop(_ code: CInt) {
        guard exitCode == nil else { return finish() }
        exitCode = code
        notifier.stopping(status: "stopping")
        log.log(.stopping, "stopping")
        closeAPI { [weak self] in
            self?.isAPIClosed = true
            self?.finishWhenStopped()
        }
        for runner in runners { runner.stop() }
        if let delivery {
            delivery.stop { [weak self] in
                self?.isDeliveryStopped = true
                self?.finishWhenStopped()
            }
        } else {
            isDeliveryStopped = true
        }
        let now = BootClock.now()
        let patience = services.timer.makeOwner { [weak self] _ in
            self?.isPatienceOver = true
            self?.finishWhenStopped()
        }
        services.timer.set(now + Daemon.connectionGrace, for: patience)
        let end = services.timer.makeOwner { [weak self] _ in self?.finish() }
        services.timer.set(now + Daemon.stopGrace, for: end)
        finishWhenStopped()
    }

    /// Reads the configuration again. What is good is in force when this returns; what is bad changes nothing, and is
    /// thrown after it was logged.
    package func reload() throws(ConfigurationErrors) {
        guard exitCode == nil else { return }
        notifier.reloading()
        defer {
            lastStatus = StatusLine.text(for: status)
            notifier.ready(status: lastStatus)
        }
        do throws(ConfigurationErrors) {
            let new = try SettingsLoader.load(options.configurationFile, version: options.version)
            apply(new)
            log.log(
                .configurationReloaded, "configuration reloaded: \(new.summary)", [.file(options.configurationFile)])
            // Two revocation lists of 100,000 entries are 50 MB while the new takes the old one's place. By the next turn the
            // old one is gone, and what it took goes back to the machine.
            services.eventLoop.execute { malloc_trim(0) }
        } catch {
            log.reject(error, file: options.configurationFile, consequence: "the configuration before stays in force")
            throw error
        }
    }

    // MARK: - Parts

    private func apply(_ new: LoadedSettings) {
        log.minimumLevel = new.logLevel
        warn(of: new)
        reportLateChanges(in: new.configuration)
        settings = new
        services.inbox.apply(new.configuration.inbox)
        intake?.consumerAck = new.configuration.inbox.consumerAck
        delivery?.apply(new.routes)
        // What system certificates are trusted may have changed without the key of the sessions knowing.
        services.tlsSessions.removeAll()
        guard delivery != nil else { return }
        applyIdentities(new)
    }

    /// Which changed keys are not in force with this reload, and when they are.
    private func reportLateChanges(in new: Configuration) {
        let changes = Configuration.changes(from: settings.configuration, to: new)
        let atNextConnection = changes.filter { $0.effect == .atNextConnection }.map(\.path)
        if !atNextConnection.isEmpty {
            log.log(.notice, "in force from the next connection on: \(atNextConnection.joined(separator: ", "))")
        }
        // Since the start: what one reload did not put in force, the next one does not either.
        let atRestart = digestAtStart.changes(to: new.digest).filter { $0.effect == .atRestart }.map(\.path)
        if !atRestart.isEmpty {
            log.log(.notice, "read at the start only, restart mpushd for it: \(atRestart.joined(separator: ", "))")
        }
    }

    private func applyIdentities(_ new: LoadedSettings) {
        let old = runners
        runners = new.identities.compactMap { profile in
            let isOnly = old.count == 1 && new.identities.count == 1
            guard let runner = old.first(where: { isOnly || $0.profile.name == profile.name }) else {
                return makeRunner(profile)
            }
            runner.reconfigure(profile, new)
            return runner
        }
        let removed = old.filter { runner in !runners.contains { $0 === runner } }
        leaving += removed
        for runner in removed {
            runner.forgetSession()
            runner.stop()
        }
        for runner in runners where !old.contains(where: { $0 === runner }) { runner.start() }
    }

    private func makeRunner(_ profile: IdentityProfile) -> IdentityRunner? {
        guard let consumer = consumer ?? intake else { return nil }
        return IdentityRunner(
            profile, settings, services: services, ticket: storedTickets.removeValue(forKey: profile.name),
            seed: SecureRandom.seed(), log: log, consumer: consumer, onChange: { [weak self] in self?.statusChanged() })
    }

    private func startWatchdog() {
        guard let interval = WatchdogInterval.ofThisProcess() else { return }
        let watchdog = Watchdog(interval, notifier: notifier, timer: services.timer, log: log, on: services.eventLoop) {
            [weak self] now, grace in
            self?.runners.first { $0.isOverdue(at: now, grace: grace) }.map { "identity \($0.profile.name)" }
        }
        self.watchdog = watchdog
        watchdog.start()
    }

    private func received(_ signal: SignalReader.Signal) {
        switch signal {
        case .hangUp: try? reload()
        case .user1: reconnect()
        case .interrupt, .terminate: stop(EX_OK)
        }
    }

    private func warn(of settings: LoadedSettings) {
        for warning in settings.warnings { log.warn(of: warning, in: settings) }
    }

    // MARK: - Status

    /// Changes come in bursts: one line is sent for all of one turn of the loop.
    func statusChanged() {
        if exitCode != nil { return finishWhenStopped() }
        guard !statusIsDue else { return }
        statusIsDue = true
        services.eventLoop.assumeIsolated().execute { [weak self] in self?.sendStatus() }
    }

    private func sendStatus() {
        statusIsDue = false
        for runner in leaving where runner.hasStopped { runner.finish() }
        leaving.removeAll(where: \.hasStopped)
        let line = StatusLine.text(for: status)
        guard exitCode == nil, line != lastStatus else { return }
        lastStatus = line
        notifier.status(line)
        letGoOfTheStart()
    }

    /// Once every identity is connected: reading a configuration, TLS handshakes and RSA took megabytes of code that an idle
    /// daemon does not look at again.
    private func letGoOfTheStart() {
        guard !isStartOver, status.allSatisfy({ $0.state == .online || $0.state == .unbound }) else { return }
        isStartOver = true
        clinux_release_code()
    }

    // MARK: - End

    private func finishWhenStopped() {
        guard exitCode != nil, isAPIClosed, isDeliveryStopped, !isInboxClosing,
            isPatienceOver || (runners + leaving).allSatisfy(\.hasStopped)
        else { return }
        isInboxClosing = true
        services.inbox.close { [weak self] in self?.finish() }
    }

    private func finish() {
        guard let code = exitCode, signals != nil else { return }
        signals?.close()
        signals = nil
        watchdog?.stop()
        for runner in runners + leaving { runner.finish() }
        services.timer.close()
        state.lock.release()
        onStopped(code)
    }
}
