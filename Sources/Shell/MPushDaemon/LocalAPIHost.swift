import MPushConfiguration
import MPushControl
import MPushLocalAPI
import MPushModel
import MPushPlatform
import MPushSystemd
import NIOCore

/// Has the local API served: on the socket that systemd hands over, or on one of our own, again and again until one can be
/// had. Says in the journal what comes of it. Belongs to its event loop.
final class LocalAPIHost {
    /// Where the socket is.
    private enum State {
        case closed
        /// It could not be made, and is tried again at the owner's time.
        case waiting(LoopTimer.Owner)
        case serving(LocalAPIServer)
        /// Not wanted, or not to be had.
        case absent
    }

    /// What programs do all the time is not worth a line.
    private static let everyday = [
        ControlAPI.acknowledge.declaration, ControlAPI.push.declaration, ControlAPI.http.declaration,
    ]

    private let service: DaemonService
    private var settings: APISettings
    private let options: Daemon.Options
    private let metrics: DeliveryMetrics
    private let log: Logger
    private let timer: LoopTimer
    private let eventLoop: any EventLoop
    private var state = State.closed

    init(
        of service: DaemonService, _ settings: APISettings, options: Daemon.Options, metrics: DeliveryMetrics,
        log: Logger,
        timer: LoopTimer, on eventLoop: any EventLoop
    ) {
        self.service = service
        self.settings = settings
        self.options = options
        self.metrics = metrics
        self.log = log
        self.timer = timer
        self.eventLoop = eventLoop
    }

    /// Serves the API. Where no socket can be had, that is said, and the daemon does without: messages matter more.
    func open() {
        do throws(ListeningError) {
            // It is taken also where there is to be no API: somebody has to answer there.
            if let handed = try options.sockets.handedOver() { return serve(on: handed.socket, handed.warning) }
        } catch {
            state = .absent
            return log.log(.error, "the local API cannot be started, so mpushctl cannot be used: \(error)")
        }
        if settings.isEnabled { makeSocket() } else { state = .absent }
    }

    /// Other settings are in force. What the socket is made with stays as it was at the start; how long a follower may take
    /// nothing is another from now on.
    func apply(_ new: APISettings) {
        settings.followerStall = new.followerStall
        if case .serving(let server) = state { server.followerStall = new.followerStall }
    }

    /// Ends all followers, and calls `done` when no client is left, after two seconds at the latest.
    func close(_ reason: String, done: @escaping () -> Void) {
        let before = state
        state = .absent
        service.stop(reason)
        switch before {
        case .serving(let server): server.stop(reason, done: done)
        case .waiting(let retry):
            timer.remove(retry)
            done()
        case .closed, .absent: done()
        }
    }

    /// Serves the API on a socket of our own; where it cannot be made, again later.
    private func makeSocket() {
        let retry: LoopTimer.Owner?
        switch state {
        case .closed: retry = nil
        case .waiting(let owner): retry = owner
        case .serving, .absent: return
        }
        do throws(ListeningError) {
            let directory = ServiceEnvironment.process.runtimeDirectory ?? "/run/mpushd"
            if settings.socket == nil { try? FileSystem.makeDirectory(directory, mode: 0o755) }
            let socket = try options.sockets.make(
                at: settings.socket ?? directory + "/mpushd.sock", group: settings.group?.number)
            if let retry {
                timer.remove(retry)
                log.log(.notice, "the local API is available now")
            }
            serve(on: socket)
        } catch {
            if retry == nil {
                log.log(
                    .error,
                    "the local API cannot be started, so mpushctl cannot be used: \(error). It is tried again every "
                        + "\(options.apiRetryPause.humanReadable)")
            }
            let owner = retry ?? timer.makeOwner { [weak self] _ in self?.makeSocket() }
            state = .waiting(owner)
            timer.set(timer.now + options.apiRetryPause, for: owner)
        }
    }

    private func serve(on socket: any LocalAPISocket, _ warning: String? = nil) {
        if let warning { log.log(.warning, warning) }
        let server = LocalAPIServer(
            on: socket, for: service, settings: LocalAPISettings(settings), timer: timer, eventLoop: eventLoop
        ) { [weak self] event in self?.handle(event) }
        state = .serving(server)
        service.connectedFollowers = { [weak server] in server?.followers ?? [] }
        let isEnabled = settings.isEnabled
        server.start { [log, weak server] error in
            guard let server else { return }
            if let error {
                log.log(.error, "the local API cannot be started, so mpushctl cannot be used: \(error)")
            } else if isEnabled {
                log.log(.info, "the local API listens on \(socket.path): \(server.access)")
                if let obstacle = server.obstacle { log.log(.warning, "api.group: \(obstacle)") }
            } else {
                log.log(.info, "the local API is switched off; clients of \(socket.path) get an error that says so")
            }
        }
    }

    private func handle(_ event: LocalAPIEvent) {
        switch event {
        case .changed(let caller, let endpoint, let request, let status):
            log.log(
                LocalAPIHost.everyday.contains(endpoint) ? .debug : .info, "\(caller): \(request), answered \(status)")
        case .refused(let caller, let request, let detail, let unsaid):
            log.log(.warning, "\(caller) may not \(request): \(detail)\(more(unsaid))")
        case .followerCut(let caller, let consumer, let reason):
            metrics.followersCut.count()
            log.log(.notice, "follower \(consumer ?? "without a name") of \(caller) cut: \(reason)")
        case .full(let caller, let detail, let unsaid):
            log.log(.warning, "the local API turns \(caller) away: \(detail)\(more(unsaid))")
        case .cannotAccept(let reason):
            log.log(.warning, "the local API cannot accept clients at present: \(reason). It tries again every second")
        }
    }

    private func more(_ unsaid: Int) -> String {
        unsaid == 0 ? "" : " (and \(unsaid) times more in the minutes before)"
    }
}

extension LocalAPISettings {
    /// What the configuration says.
    fileprivate init(_ configured: APISettings) {
        self.init()
        group = configured.group.map { group in
            group.number.map { .known(SystemGroup(name: group.name, number: $0)) }
                ?? .unknown(name: group.name, reason: "the machine could not be asked at the start")
        }
        isSwitchedOff = !configured.isEnabled
        followerStall = configured.followerStall
    }
}
