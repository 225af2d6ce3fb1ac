import MPushConfiguration
import MPushLocalAPI
import MPushMetrics
import MPushPlatform
import MPushSettings
import MPushSystemd
import MPushTime

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
        let configuration = settings.configuration.api
        guard configuration.isEnabled else { return }
        let group = configuration.group.flatMap { SystemGroup(named: $0) }
        if let name = configuration.group, group == nil {
            log.log(.error, "api.group: there is no group \(name); changes are for root and the daemon's own user only")
        }
        do throws(ListeningError) {
            let socket = try listeningSocket(configuration.socket, group: group)
            var settings = LocalAPISettings()
            settings.group = group
            settings.followerStall = configuration.followerStall
            serve(on: socket, for: control, settings)
        } catch {
            log.log(.error, "the local API is not there, mpushctl cannot be used: \(error)")
        }
    }

    /// Ends all followers, and calls `done` when no client is left, after two seconds at the latest.
    func closeAPI(done: @escaping () -> Void) {
        control?.tails.end("mpushd is stopping")
        guard let api else { return done() }
        api.stop("mpushd is stopping", done: done)
    }

    private func listeningSocket(_ configured: String?, group: SystemGroup?) throws(ListeningError) -> ListeningSocket {
        if let handed = try ListeningSocket.fromSystemd() { return handed }
        let directory = ServiceEnvironment.process.runtimeDirectory ?? Daemon.fallbackDirectory
        if configured == nil { try? FileSystem.makeDirectory(directory, mode: 0o755) }
        return try ListeningSocket.make(at: configured ?? directory + "/mpushd.sock", group: group?.number)
    }

    private func serve(on socket: ListeningSocket, for control: DaemonControl, _ settings: LocalAPISettings) {
        let server = LocalAPIServer(
            on: socket, for: control, settings: settings, timer: services.timer, eventLoop: services.eventLoop
        ) { [weak self] event in self?.heard(event) }
        api = server
        control.connectedFollowers = { [weak server] in server?.followers ?? [] }
        server.start { [weak self] error in
            if let error {
                self?.log.log(.error, "the local API is not there, mpushctl cannot be used: \(error)")
            } else {
                self?.log.log(.debug, "the local API listens on \(socket.path)")
            }
        }
    }

    private func heard(_ event: LocalAPIEvent) {
        switch event {
        case .changed(let caller, let request, let status):
            log.log(
                status < 400 ? .info : .notice,
                "user \(caller.userID), process \(caller.processID): \(request), answered \(status)")
        case .refused(let caller, let request, let detail):
            log.log(
                .warning, "user \(caller.userID), process \(caller.processID) may not \(request): \(detail)")
        case .followerCut(let caller, let consumer, let reason):
            metrics.followersCut.count()
            log.log(
                .notice,
                "follower \(consumer ?? "without a name") of user \(caller.userID), process \(caller.processID) cut: \(reason)"
            )
        case .full(let connections):
            log.log(.warning, "the local API is full: \(connections) clients are connected; more are sent away")
        }
    }
}
