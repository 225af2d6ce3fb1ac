import MPushConfiguration
import MPushConnection
import MPushControl
import MPushDelivery
import MPushIdentity
import MPushLocalAPI
import MPushModel
import MPushPlatform
import MPushSystemd

/// The local API.
extension Daemon {
    /// Where the socket is made where neither the configuration nor systemd says.
    private static let fallbackDirectory = "/run/mpushd"

    /// Serves the API on the socket that systemd hands over, or on one of our own. Where neither can be had, that is said,
    /// and the daemon does without: messages matter more.
    func openAPI() {
        let control = DaemonControl(self)
        self.control = control
        intake?.onStored = { [weak control] messages in control?.tails.stored(messages) }
        do throws(ListeningError) {
            // It is taken also where there is to be no API: somebody has to answer there.
            if let handed = try ListeningSocket.fromSystemd() { return serve(on: handed, for: control) }
        } catch {
            return log.log(.error, "the local API is not there, mpushctl cannot be used: \(error)")
        }
        if settings.configuration.api.isEnabled { makeSocket() }
    }

    /// Serves the API on a socket of our own; where it cannot be made, again later.
    private func makeSocket() {
        guard exitCode == nil, let control else { return }
        let settings = settings.configuration.api
        do throws(ListeningError) {
            let directory = ServiceEnvironment.process.runtimeDirectory ?? Daemon.fallbackDirectory
            if settings.socket == nil { try? FileSystem.makeDirectory(directory, mode: 0o755) }
            let socket = try ListeningSocket.make(
                at: settings.socket ?? directory + "/mpushd.sock", group: settings.group?.number)
            if apiRetry != nil { log.log(.notice, "the local API is there now") }
            serve(on: socket, for: control)
        } catch {
            if apiRetry == nil {
                log.log(
                    .error,
                    "the local API is not there, mpushctl cannot be used: \(error). It is tried again every "
                        + "\(options.apiRetryPause.humanReadable)")
            }
            let retry = apiRetry ?? services.timer.makeOwner { [weak self] _ in self?.makeSocket() }
            apiRetry = retry
            services.timer.set(BootClock.now() + options.apiRetryPause, for: retry)
        }
    }

    /// Ends all followers, and calls `done` when no client is left, after two seconds at the latest.
    func closeAPI(done: @escaping () -> Void) {
        control?.tails.end("mpushd is stopping")
        guard let api else { return done() }
        api.stop("mpushd is stopping", done: done)
    }

    private func serve(on socket: ListeningSocket, for control: DaemonControl) {
        let configuration = settings.configuration.api
        var settings = LocalAPISettings()
        settings.group = configuration.group.map { group in
            group.number.map { .known(SystemGroup(name: group.name, number: $0)) }
                ?? .unknown(name: group.name, reason: "the machine could not be asked at the start")
        }
        settings.isSwitchedOff = !configuration.isEnabled
        settings.followerStall = configuration.followerStall
        let server = LocalAPIServer(
            on: socket, for: control, settings: settings, timer: services.timer, eventLoop: services.eventLoop
        ) { [weak self] event in self?.heard(event) }
        api = server
        control.connectedFollowers = { [weak server] in server?.followers ?? [] }
        server.start { [weak self, weak server] error in
            guard let self, let server else { return }
            if let error {
                log.log(.error, "the local API is not there, mpushctl cannot be used: \(error)")
            } else if configuration.isEnabled {
                log.log(.info, "the local API listens on \(socket.path): \(server.access)")
                if let obstacle = server.obstacle { log.log(.warning, "api.group: \(obstacle)") }
            } else {
                log.log(.info, "the local API is switched off; whoever connects to \(socket.path) is told so")
            }
        }
    }

    private func heard(_ event: LocalAPIEvent) {
        switch event {
        case .changed(let caller, let request, let status):
            log.log(isEveryday(request) ? .debug : .info, "\(caller): \(request), answered \(status)")
        case .refused(let caller, let request, let detail, let unsaid):
            log.log(.warning, "\(caller) may not \(request): \(detail)\(more(unsaid))")
        case .followerCut(let caller, let consumer, let reason):
            metrics.followersCut.count()
            log.log(.notice, "follower \(consumer ?? "without a name") of \(caller) cut: \(reason)")
        case .full(let caller, let detail, let unsaid):
            log.log(.warning, "the local API sends \(caller) away: \(detail)\(more(unsaid))")
        case .cannotAccept(let reason):
            log.log(.warning, "the local API cannot take clients in at the moment: \(reason). It is tried each second")
        }
    }

    private func more(_ unsaid: Int) -> String {
        unsaid == 0 ? "" : " (and \(unsaid) times more in the minutes before)"
    }

    /// What programs do all the time is no news.
    private func isEveryday(_ request: String) -> Bool {
        request.hasSuffix("/acks") || request.hasSuffix("/push") || request.hasSuffix("/http")
    }
}
