import Glibc
import MPushConfiguration
import MPushConnection
package import MPushControl
import MPushModel
package import MPushPlatform
import MPushTLS
package import NIOCore

/// Walks the way to a message step by step, with the parts that the daemon uses, and stops at the first that fails.
///
/// The server sees a device of its own beside the daemon's, so that the daemon's session is not disturbed. The user is
/// bound only while no daemon is online as the same one. Belongs to its event loop; used once.
package final class Doctor {
    private let options: DoctorOptions
    private let eventLoop: any EventLoop
    private let machine: Machine
    private let log: StepLog
    private var allocator: AllocatorClient?
    private var lookup: NameLookup?
    private var connector: Connector?
    private var session: DoctorSession?

    package init(
        _ options: DoctorOptions, machine: Machine, on eventLoop: any EventLoop, observer: any DoctorObserver
    ) {
        self.machine = machine
        self.options = options
        self.eventLoop = eventLoop
        log = StepLog(observer, clock: machine.clock)
    }

    /// Begins. The observer hears the rest, at once or later.
    package func start() {
        log.begin(.configuration)
        let settings: LoadedSettings
        do throws(ConfigurationErrors) {
            settings = try SettingsLoader.load(
                options.configurationFile, version: options.version, now: machine.clock.wall,
                environment: DoctorEnvironment())
        } catch {
            return failConfiguration(error.errors.map(\.description))
        }
        guard let profile = chosen(in: settings) else { return }
        do throws(OSError) {
            let timer = try LoopTimer(on: eventLoop, clock: machine.clock)
            chooseServer(
                DoctorPlace(settings: settings, profile: profile, timer: timer, network: machine.network))
        } catch {
            failConfiguration(["this machine refuses: \(error)"], EX_OSERR)
        }
    }

    // MARK: - Configuration

    private func chosen(in settings: LoadedSettings) -> IdentityProfile? {
        let names = settings.identities.map(\.name).joined(separator: ", ")
        if let name = options.identity {
            if let profile = settings.identities.first(where: { $0.name == name }) { return profile }
            failConfiguration(["no identity is called \(name). There is: \(names)."], EX_USAGE)
        } else {
            if settings.identities.count == 1, let only = settings.identities.first { return only }
            failConfiguration(["there are several identities. Say which with --identity: \(names)."], EX_USAGE)
        }
        return nil
    }

    private func failConfiguration(_ problems: [String], _ status: CInt = EX_CONFIG) {
        var advice: [String] = []
        if problems.contains(where: { $0.contains("ermission denied") }) {
            advice = ["As root it can be read: sudo mpushctl doctor"]
        } else if status == EX_CONFIG {
            advice = ["mpushd does not start with it. Correct it, then: mpushd check \(options.configurationFile)"]
        }
        log.fail(options.configurationFile, problems: problems, advice: advice, status: status)
    }

    private func chooseServer(_ place: DoctorPlace) {
        var given: Endpoint?
        if let text = options.endpoint {
            do throws(Misspelling) {
                given = try Endpoint(parsing: text)
            } catch {
                return failConfiguration(["--endpoint: \"\(text)\" \(error)."], EX_USAGE)
            }
        }
        let warnings = place.settings.warnings.map { "warning: \($0.plainText)" }
        log.finish(warnings.isEmpty ? .good : .warning, options.configurationFile, isTimed: false, details: warnings)
        let server = place.settings.configuration.server
        if let given {
            lookUp(given, place)
        } else if let url = server.allocator {
            ask(url, place)
        } else if let first = server.endpoints.first {
            lookUp(first, place)
        }
    }

    // MARK: - The way

    private func ask(_ url: HTTPURL, _ place: DoctorPlace) {
        log.begin(.allocator)
        let client = place.connections.allocatorClient(url, userAgent: "mpushd/\(options.version)") {
            [weak self] result in
            switch result {
            case .success(let endpoints): self?.allocated(endpoints, by: url, place)
            case .failure(let failure): self?.allocatorFailed(failure.detail, url, place)
            }
        }
        allocator = client
        client.start()
    }

    private func allocated(_ endpoints: [Endpoint], by url: HTTPURL, _ place: DoctorPlace) {
        guard let first = endpoints.first else { return }
        let names = endpoints.prefix(4).map(\.description).joined(separator: ", ")
        let more = endpoints.count > 4 ? " and \(endpoints.count - 4) more" : ""
        log.finish(.good, "\(url.withoutQuery) -> \(names)\(more)")
        lookUp(first, place)
    }

    private func allocatorFailed(_ detail: String, _ url: HTTPURL, _ place: DoctorPlace) {
        guard let endpoint = place.settings.configuration.server.endpoints.first else {
            return log.fail(url.withoutQuery, cause: .allocator(detail: detail), endpoint: nil, serverName: nil)
        }
        log.finish(
            .warning, url.withoutQuery,
            details: [detail, "The servers of the configuration are tried instead, as mpushd does."])
        lookUp(endpoint, place)
    }

    private func lookUp(_ endpoint: Endpoint, _ place: DoctorPlace) {
        if let proxy = place.connections.proxy(to: endpoint) { return connect(to: endpoint, through: proxy, place) }
        log.begin(.name)
        let lookup = NameLookup(by: place.timer, network: machine.network)
        let limit = place.timer.schedule(in: place.settings.configuration.timeouts.resolve) { [weak self] in
            let detail = "no answer within \(place.settings.configuration.timeouts.resolve.humanReadable)"
            self?.fail(.resolve(host: endpoint.host, detail: detail), endpoint, place)
        }
        var isResolved = false
        _ = lookup.resolve(endpoint.host, port: endpoint.port, for: .server, usesOld: false) { [weak self] answer in
            guard !isResolved, answer.isLast || !answer.addresses.isEmpty else { return }
            isResolved = true
            place.timer.remove(limit)
            self?.resolved(answer, endpoint, place)
        }
        self.lookup = lookup
    }

    private func resolved(_ answer: NameLookup.Answer, _ endpoint: Endpoint, _ place: DoctorPlace) {
        guard !log.hasEnded else { return }
        if let failure = answer.failure {
            let cause: LossCause =
                failure.isShortage
                ? .shortage(detail: failure.detail) : .resolve(host: endpoint.host, detail: failure.detail)
            return fail(cause, endpoint, place)
        }
        let texts = answer.addresses.compactMap(\.ipAddress).joined(separator: ", ")
        if endpoint.kind != .name {
            log.finish(.skipped, "\(endpoint.host) is an address", isTimed: false)
        } else if answer.isLast || answer.addresses.contains(where: { $0.protocol == .inet6 }) {
            log.finish(.good, "\(endpoint.host) -> \(texts)")
        } else {
            log.finish(
                .warning, "\(endpoint.host) -> \(texts)",
                details: ["The name server has not answered for IPv6 (AAAA) yet; mpushd goes on without."])
        }
        let network = KnownAddresses(answer.addresses, in: machine.network)
        connect(to: endpoint, place, NameLookup(by: place.timer, network: network))
    }

    private func connect(to endpoint: Endpoint, _ place: DoctorPlace, _ lookup: NameLookup) {
        log.begin(.tcp)
        let connector = place.connections.connector(to: endpoint, lookup: lookup) { [weak self] result in
            switch result {
            case .failure(let failure): self?.fail(failure.cause, endpoint, place)
            case .success(let channel): self?.connected(channel, endpoint, place, lookup)
            }
        }
        self.connector = connector
        connector.start()
    }

    private func connected(_ channel: any Channel, _ endpoint: Endpoint, _ place: DoctorPlace, _ lookup: NameLookup) {
        log.finish(.good, channel.remoteAddress?.humanReadable ?? "\(endpoint)")
        open(channel, endpoint, place, lookup)
    }

    private func open(_ channel: any Channel, _ endpoint: Endpoint, _ place: DoctorPlace, _ lookup: NameLookup) {
        let session = DoctorSession(options, place, endpoint, lookup: lookup, log: log)
        self.session = session
        session.start(channel)
    }

    /// The proxy looks up the server's name, and we that of the proxy.
    private func connect(to endpoint: Endpoint, through proxy: LoadedProxy, _ place: DoctorPlace) {
        log.begin(.proxy)
        let lookup = NameLookup(by: place.timer, network: machine.network)
        let connector = place.connections.connector(to: endpoint, lookup: lookup) { [weak self] result in
            guard let self else { return }
            switch result {
            case .failure(let failure): fail(failure.cause, endpoint, place)
            case .success(let channel):
                if ConnectionBuilder.tunnel(on: channel) == nil {
                    log.finish(
                        .warning, "\(proxy.url) does not help; connected to \(endpoint) without it",
                        details: ["mpushd does the same, because proxy.fallback is \"direct\"."])
                } else {
                    log.finish(.good, "\(proxy.url) leads to \(endpoint)")
                }
                open(channel, endpoint, place, lookup)
            }
        }
        self.connector = connector
        connector.start()
    }

    private func fail(_ cause: LossCause, _ endpoint: Endpoint, _ place: DoctorPlace) {
        log.fail("\(endpoint)", cause: cause, endpoint: endpoint, serverName: nil)
    }
}

/// What a walk is asked for.
package struct DoctorOptions {
    package var configurationFile = "/etc/mpushd/mpushd.toml"
    /// By its name in the configuration; nil for the only one.
    package var identity: String?
    /// `host:port`; nil for the one that is configured first, or that the allocator names first.
    package var endpoint: String?
    /// Binds though a daemon is online as the same user, which the server may then take the user from.
    package var bindsInAnyCase = false
    /// The version that the handshake tells the server.
    package let version: String
    /// What a running daemon says of the identity of this name; nil where none runs, or it knows no such identity.
    package var askDaemon: (String) -> IdentityReport? = { _ in nil }

    package init(version: String) {
        self.version = version
    }
}

/// What a walk stands on once its configuration is read.
struct DoctorPlace {
    let settings: LoadedSettings
    let profile: IdentityProfile
    let timer: LoopTimer
    let connections: ConnectionBuilder

    init(settings: LoadedSettings, profile: IdentityProfile, timer: LoopTimer, network: any Network) {
        self.settings = settings
        self.profile = profile
        self.timer = timer
        connections = ConnectionBuilder(
            settings,
            in: Connector.Environment(
                eventLoop: timer.eventLoop, timer: timer, lookup: NameLookup(by: timer, network: network)),
            tlsSessions: TLSSessionCache(clock: timer.clock))
    }
}

/// A network in which a name has the addresses that were found for it before.
private struct KnownAddresses: NameReplacingNetwork {
    private let addresses: [SocketAddress]
    let network: any Network

    init(_ addresses: [SocketAddress], in network: any Network) {
        self.addresses = addresses
        self.network = network
    }

    func resolve(
        _ host: String, port: UInt16, _ family: AddressFamily, on eventLoop: any EventLoop,
        done: @escaping (Addresses) -> Void
    ) throws(OSError) {
        let found = addresses.filter { ($0.protocol == .inet6) == (family == .v6) }
        eventLoop.assumeIsolated().execute { done(.success(found)) }
    }
}

/// The machine as the service sees it: where this process has no credentials of its own, the running service's are taken,
/// if they can be read.
struct DoctorEnvironment: ConfigurationSource {
    static let serviceCredentials = "/run/credentials/mpushd.service"

    private let machine = MachineEnvironment()

    func variable(named name: String) -> String? {
        if let value = machine.variable(named: name) { return value }
        guard name == "CREDENTIALS_DIRECTORY", access(DoctorEnvironment.serviceCredentials, R_OK | X_OK) == 0 else {
            return nil
        }
        return DoctorEnvironment.serviceCredentials
    }

    func inspect(_ path: String) -> FileCondition { machine.inspect(path) }

    func content(of path: String, maximum: Int) throws(UnreadableFile) -> [UInt8] {
        try machine.content(of: path, maximum: maximum)
    }

    func secretContent(of path: String, maximum: Int) throws(UnreadableFile) -> SecretBytes {
        try machine.secretContent(of: path, maximum: maximum)
    }

    func group(named name: String) -> GroupCondition { machine.group(named: name) }
}
