import Glibc
import MPushCipher
import MPushConfiguration
import MPushNetwork
package import MPushPlatform
package import MPushSettings
package import MPushSystemd
import MPushTLS
import MPushTime
package import NIOCore

/// The composition root: one event loop with its timer, a runner for each identity, the signals, the service manager.
/// Belongs to its event loop.
package final class Daemon {
    /// What the command line says.
    package struct Options: Sendable {
        package var configurationFile: String
        /// Write each message to standard output.
        package var printsMessages: Bool
        /// The version of the program.
        package var version: String

        package init(configurationFile: String, printsMessages: Bool, version: String) {
            self.configurationFile = configurationFile
            self.printsMessages = printsMessages
            self.version = version
        }
    }

    /// How long connections may take to close in good order.
    private static let stopGrace = Duration.milliseconds(1000)

    let options: Options
    let log: Logger
    let notifier: ServiceNotifier
    let services: LoopServices
    private(set) var settings: LoadedSettings
    private(set) var runners: [IdentityRunner] = []
    /// Those of identities that are not configured any more, until they have stopped.
    private var leaving: [IdentityRunner] = []
    private let stateDirectory: StateDirectory
    private let onStopped: (CInt) -> Void
    private var consumer: (any MessageConsumer)?
    private var signals: SignalReader?
    private var watchdog: Watchdog?
    private var statusIsDue = false
    private var lastStatus = ""
    private var exitCode: CInt?

    /// A daemon on `eventLoop`, where this has to be called. `onStopped` hears, once, with what to exit. Messages go to
    /// `consumer` where there is one, else as the options say.
    package init(
        _ settings: LoadedSettings, options: Options, log: Logger, notifier: ServiceNotifier,
        consumer: (any MessageConsumer)? = nil, on eventLoop: any EventLoop, onStopped: @escaping (CInt) -> Void
    ) throws(OSError) {
        self.settings = settings
        self.options = options
        self.log = log
        self.notifier = notifier
        self.onStopped = onStopped
        self.consumer = consumer
        stateDirectory = StateDirectory(configured: settings.configuration.state.directory)
        services = LoopServices(
            eventLoop: eventLoop, timer: try LoopTimer(on: eventLoop), lookup: NameLookup(on: eventLoop),
            tlsSessions: TLSSessionCache(), userAgent: "mpushd/\(options.version)")
    }

    // MARK: - Life

    /// Runs the identities and tells the service manager that all is ready.
    package func start() throws(OSError) {
        signals = try SignalReader(on: services.eventLoop) { [weak self] signal in self?.received(signal) }
        if consumer == nil, options.printsMessages {
            consumer = MessagePrinter(to: STDOUT_FILENO, on: services.eventLoop) { [weak self] error in
                self?.printingFailed(error)
            }
        }
        warn(of: settings)
        log.log(.started, "mpushd \(options.version) started: \(settings.summary)", [.file(options.configurationFile)])
        runners = settings.identities.map { makeRunner($0) }
        for runner in runners { runner.start() }
        lastStatus = StatusLine.text(for: runners.map(\.status))
        notifier.ready(status: lastStatus)
        startWatchdog()
    }

    /// What there is to say of each identity.
    package var status: [IdentityStatus] { runners.map(\.status) }

    /// A connection now, for each identity: skips one wait.
    package func reconnect() {
        for runner in runners { runner.reconnect() }
    }

    /// Closes all connections and then calls `onStopped` with `code`; asked a second time, at once.
    package func stop(_ code: CInt) {
        guard exitCode == nil else { return finish() }
        exitCode = code
        notifier.stopping(status: "stopping")
        log.log(.stopping, "stopping")
        for runner in runners { runner.stop() }
        let owner = services.timer.makeOwner { [weak self] _ in self?.finish() }
        services.timer.set(BootClock.now() + Daemon.stopGrace, for: owner)
        finishWhenStopped()
    }

    /// Reads the configuration again. What is good is in force when this returns; what is bad changes nothing.
    package func reload() {
        guard exitCode == nil else { return }
        notifier.reloading()
        do throws(ConfigurationErrors) {
            let new = try SettingsLoader.load(options.configurationFile, version: options.version)
            apply(new)
            log.log(
                .configurationReloaded, "configuration reloaded: \(new.summary)", [.file(options.configurationFile)])
        } catch {
            log.reject(error, file: options.configurationFile, consequence: "the configuration before stays in force")
        }
        lastStatus = StatusLine.text(for: status)
        notifier.ready(status: lastStatus)
    }

    // MARK: - Parts

    private func apply(_ new: LoadedSettings) {
        log.minimumLevel = new.logLevel
        warn(of: new)
        if new.configuration.state != settings.configuration.state {
            log.log(.notice, "state.directory is read at the start only: restart mpushd for the new one")
        }
        settings = new
        // What system certificates are trusted may have changed without the key of the sessions knowing.
        services.tlsSessions.removeAll()
        let old = runners
        runners = new.identities.map { profile in
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

    private func makeRunner(_ profile: IdentityProfile) -> IdentityRunner {
        IdentityRunner(
            profile, settings, services: services, state: stateDirectory, seed: SecureRandom.seed(), log: log,
            consumer: consumer, onChange: { [weak self] in self?.statusChanged() })
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
        case .hangUp: reload()
        case .user1: reconnect()
        case .interrupt, .terminate: stop(EX_OK)
        }
    }

    private func printingFailed(_ error: OSError) {
        guard exitCode == nil else { return }
        log.log(.error, "messages cannot be written to standard output: \(OSError.words(for: error.number))")
        stop(EX_IOERR)
    }

    private func warn(of settings: LoadedSettings) {
        for warning in settings.warnings { log.warn(of: warning, endpoints: settings.configuration.server.endpoints) }
    }

    /// Changes come in bursts: one line is sent for all of one turn of the loop.
    private func statusChanged() {
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
    }

    private func finishWhenStopped() {
        guard (runners + leaving).allSatisfy(\.hasStopped) else { return }
        services.eventLoop.assumeIsolated().execute { [weak self] in self?.finish() }
    }

    private func finish() {
        guard let code = exitCode, signals != nil else { return }
        signals?.close()
        signals = nil
        watchdog?.stop()
        for runner in runners + leaving { runner.finish() }
        services.timer.close()
        onStopped(code)
    }
}
