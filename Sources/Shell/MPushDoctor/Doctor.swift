import Glibc
import MPushConfiguration
import MPushConnection
import MPushControl
import MPushModel
package import MPushPlatform
package import NIOCore

/// Walks the way to a message step by step, with the parts that the daemon uses, and stops at the first that fails. What
/// failed is looked into before it is told, so that the verdict names who is to blame.
///
/// The server sees a device of its own beside the daemon's, so that the daemon's session is not disturbed. A user is bound
/// only where that is asked for: the server would take it from whoever has it. Belongs to its event loop; used once.
package final class Doctor {
    /// For the whole walk; each step has a limit of its own below it.
    static let limit = Duration.milliseconds(14_000)
    private static let resolveLimit = Duration.seconds(4)
    private static let familyLimit = Duration.seconds(1)
    private static let surveyLimit = Duration.milliseconds(2500)

    private let options: DoctorOptions
    private let eventLoop: any EventLoop
    private let machine: Machine
    private let log: StepLog
    private var facts = DoctorFacts()
    private var isFailing = false
    private var allocator: AllocatorClient?
    private var lookup: NameLookup?
    private var survey: AddressSurvey?
    private var connector: Connector?
    private var session: DoctorSession?
    private var investigation: Investigation?
    /// Where the endpoint was reached.
    private var address: SocketAddress?

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
                environment: options.environment)
        } catch {
            return failConfiguration(error.errors.map(\.description))
        }
        guard let profile = chosen(in: settings) else { return }
        do throws(OSError) {
            let timer = try LoopTimer(on: eventLoop, clock: machine.clock)
            chooseServer(
                DoctorPlace(
                    settings: settings, profile: profile, timer: timer, clock: machine.clock, network: machine.network))
        } catch {
            failConfiguration(["this machine refuses: \(error)"], EX_OSERR)
        }
    }

    // MARK: - Configuration

    /// All identities have the same server and trust, so one of them shows the way of all; only a binding is its own.
    private func chosen(in settings: LoadedSettings) -> IdentityProfile? {
        let names = settings.identities.map(\.name).joined(separator: ", ")
        if let name = options.identity {
            if let profile = settings.identities.first(where: { $0.name == name }) { return profile }
            failConfiguration(["no identity is called \(name). There is: \(names)."], EX_USAGE)
        } else {
            if let first = settings.identities.first, settings.identities.count == 1 || !options.binds { return first }
            failConfiguration(["--bind is for one identity. Choose one with --identity: \(names)."], EX_USAGE)
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
        let names = place.settings.identities.map(\.name)
        let group = names.count > 1 ? ["\(names.count) identities go this way: \(names.joined(separator: ", "))"] : []
        log.finish(
            warnings.isEmpty ? .good : .warning, options.configurationFile, isTimed: false, details: group + warnings)
        place.timer.schedule(in: Doctor.limit) { [weak self] in self?.outOfTime() }
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
            guard let self, log.step == .allocator else { return }
            switch result {
            case .success(let endpoints): allocated(endpoints, by: url, place)
            case .failure(let failure): allocatorFailed(failure.detail, url, place)
            }
        }
        allocator = client
        place.timer.schedule(in: Doctor.resolveLimit) { [weak self] in
            guard let self, log.step == .allocator, !log.hasEnded else { return }
            allocatorFailed("no answer within \(Doctor.resolveLimit.humanReadable)", url, place)
        }
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
            facts.cause = .allocator(detail: detail)
            return log.fail(url.withoutQuery, for: facts)
        }
        log.finish(
            .warning, url.withoutQuery,
            details: [detail, "The servers of the configuration are tried instead, as mpushd does."])
        lookUp(endpoint, place)
    }

    private func lookUp(_ endpoint: Endpoint, _ place: DoctorPlace) {
        facts.endpoint = endpoint
        facts.serverName = place.connections.serverName(of: endpoint)
        if let proxy = place.connections.proxy(to: endpoint) { return connect(to: endpoint, through: proxy, place) }
        log.begin(.name)
        let lookup = NameLookup(by: place.timer, network: machine.network)
        let time = min(place.settings.configuration.timeouts.resolve, Doctor.resolveLimit)
        let limit = place.timer.schedule(in: time) { [weak self] in
            self?.facts.lookup = .noAnswer
            self?.fail(
                .resolve(host: endpoint.host, detail: "no answer within \(time.humanReadable)"), endpoint, place)
        }
        var found: [SocketAddress] = []
        var isResolved = false
        let finish = { [weak self] (answer: NameLookup.Answer) in
            guard !isResolved else { return }
            isResolved = true
            place.timer.remove(limit)
            self?.resolved(answer, endpoint, place)
        }
        _ = lookup.resolve(endpoint.host, port: endpoint.port, for: .server, usesOld: false) { answer in
            found += answer.addresses
            let failure = found.isEmpty ? answer.failure : nil
            if answer.isLast { return finish(NameLookup.Answer(found, isLast: true, failure: failure)) }
            // The other family's are worth a little time.
            guard !found.isEmpty else { return }
            place.timer.schedule(in: Doctor.familyLimit) { finish(NameLookup.Answer(found, isLast: false)) }
        }
        self.lookup = lookup
    }

    private func resolved(_ answer: NameLookup.Answer, _ endpoint: Endpoint, _ place: DoctorPlace) {
        guard !log.hasEnded, !isFailing else { return }
        if let failure = answer.failure {
            facts.lookup = failure.isDefinite ? .noSuchName : .failed
            let cause: LossCause =
                failure.isShortage
                ? .shortage(detail: failure.detail) : .resolve(host: endpoint.host, detail: failure.detail)
            return fail(cause, endpoint, place)
        }
        facts.lookup = .found
        let addresses = answer.addresses.compactMap(\.ipAddress)
        let texts = addresses.joined(separator: ", ")
        if endpoint.kind != .name {
            log.finish(.skipped, "\(endpoint.host) is an address", isTimed: false)
        } else if answer.isLast || answer.addresses.contains(where: { $0.protocol == .inet6 }) {
            log.finish(.good, "\(endpoint.host) -> \(texts)")
        } else {
            log.finish(
                .warning, "\(endpoint.host) -> \(texts)",
                details: ["The name server has not answered for IPv6 (AAAA) yet; mpushd goes on without."])
        }
        if endpoint.kind == .name, endpoint.host != "localhost", !endpoint.host.hasSuffix(".localhost") {
            facts.impossibleAddresses = addresses.filter { ["0.0.0.0", "127.0.0.1", "::", "::1"].contains($0) }
        }
        look(at: answer.addresses, endpoint, place)
    }

    private func look(at addresses: [SocketAddress], _ endpoint: Endpoint, _ place: DoctorPlace) {
        log.begin(.tcp)
        let survey = AddressSurvey(of: addresses, over: machine.network, by: place.timer) { [weak self] found in
            guard let self, !log.hasEnded, !isFailing else { return }
            facts.addresses = found
            let good = zip(addresses, found).filter { $0.1.failure == nil }
            guard let first = good.first, case .reached(let roundTrip) = first.1.outcome else {
                return fail(Doctor.cause(of: found), endpoint, place)
            }
            facts.roundTrip = roundTrip
            address = first.0
            let network = KnownAddresses(good.map { $0.0 }, in: machine.network)
            connect(to: endpoint, place, NameLookup(by: place.timer, network: network))
        }
        self.survey = survey
        survey.start(within: Doctor.surveyLimit)
    }

    private static func cause(of addresses: [DoctorFacts.Address]) -> LossCause {
        let detail = addresses.map { address in
            if case .failed(_, let text) = address.outcome { "\(address.text): \(text)" } else { address.text }
        }.joined(separator: "; ")
        return addresses.allSatisfy { $0.failure == .shortage } ? .shortage(detail: detail) : .connect(detail: detail)
    }

    private func connect(to endpoint: Endpoint, _ place: DoctorPlace, _ lookup: NameLookup) {
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
        guard !isFailing, !log.hasEnded else { return channel.close(promise: nil) }
        let dead = facts.addresses.compactMap { address -> String? in
            if case .failed(_, let text) = address.outcome { "\(address.text): \(text)" } else { nil }
        }
        log.finish(
            dead.isEmpty ? .good : .warning, channel.remoteAddress?.humanReadable ?? "\(endpoint)", details: dead)
        open(channel, endpoint, place, lookup)
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
                guard !isFailing, !log.hasEnded else { return channel.close(promise: nil) }
                if ConnectionBuilder.tunnel(on: channel) == nil {
                    log.finish(
                        .warning, "\(proxy.url) did not lead to the server; connected to \(endpoint) without it",
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

    private func open(_ channel: any Channel, _ endpoint: Endpoint, _ place: DoctorPlace, _ lookup: NameLookup) {
        let session = DoctorSession(options, place, endpoint, lookup: lookup, log: log) { [weak self] end in
            switch end {
            case .failed(let cause): self?.fail(cause, endpoint, place)
            case .walked: self?.walked()
            }
        }
        self.session = session
        session.start(channel)
    }

    // MARK: - The end

    private func walked() {
        guard !isFailing else { return }
        log.end(Verdict(ofGood: facts, daemon: options.daemonReports))
    }

    private func fail(_ cause: LossCause, _ endpoint: Endpoint, _ place: DoctorPlace) {
        guard !isFailing, !log.hasEnded else { return }
        isFailing = true
        facts.cause = cause
        let subject = session?.subject ?? "\(endpoint)"
        let investigation = Investigation(
            facts, place, over: machine.network, at: address, webPort: options.webPort, of: endpoint
        ) { [weak self] facts in
            self?.log.fail(subject, for: facts)
        }
        self.investigation = investigation
        investigation.start()
    }

    /// What was waited for last is to blame.
    private func outOfTime() {
        guard !log.hasEnded, !isFailing else { return }
        let limit = Doctor.limit.humanReadable
        facts.cause = .connect(detail: "the way was not walked within \(limit)")
        facts.roundTrip = max(facts.roundTrip ?? .zero, Verdict.slowRoundTrip)
        log.end(
            Verdict(
                Finding(.slowLink, "the step \(log.step.rawValue) was not done when \(limit) were over"),
                advice: DoctorAdvice.lines(for: .slowLink, facts)))
    }
}
