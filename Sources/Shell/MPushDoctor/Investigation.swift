import MPushConfiguration
import MPushConnection
import MPushModel
import MPushPlatform
import NIOCore

/// What is asked once a step has failed, all at the same time, to tell apart what looks alike: a web page in the server's
/// place, another protocol at the port, names that are made up, large packets that are lost. Belongs to its event loop;
/// used once.
final class Investigation {
    /// For all of its questions.
    static let limit = Duration.milliseconds(2500)
    /// Reserved never to exist (RFC 6761).
    static let impossibleName = "no-such-name.mpushd.invalid"

    private let place: DoctorPlace
    private let network: any Network
    private let endpoint: Endpoint
    private let address: SocketAddress?
    private let webPort: UInt16
    private var facts: DoctorFacts
    private var open = 0
    private var completion: ((DoctorFacts) -> Void)?
    private var connection: DoctorConnection?
    private var probes: [PortProbe] = []

    /// - Parameter address: where the endpoint was reached; nil where it was not.
    init(
        _ facts: DoctorFacts, _ place: DoctorPlace, over network: any Network, at address: SocketAddress?,
        webPort: UInt16, of endpoint: Endpoint, completion: @escaping (DoctorFacts) -> Void
    ) {
        self.facts = facts
        self.place = place
        self.network = network
        self.endpoint = endpoint
        self.address = address
        self.webPort = webPort
        self.completion = completion
    }

    func start() {
        facts.hasOwnTrust = place.settings.configuration.tls.authorities != nil
        facts.clockDoubt = Investigation.doubt(of: place.clock)
        open = 1
        if endpoint.kind == .name { askForImpossibleName() }
        if let address, facts.isAboutWhatAnswers {
            ask(.http(host: endpoint.host), at: address) { $0.answerToHTTP = $1 }
            if place.connections.isSecured {
                ask(.heartbeat, at: address) { $0.answerToHeartbeat = $1 }
            } else {
                ask(.tls, at: address) { $0.answerToTLS = $1 }
            }
            if facts.isAboutCertificate, let web = address.with(port: webPort) {
                ask(.http(host: endpoint.host), at: web) { $0.answerOfWeb = $1 }
            }
            if facts.isAboutSilence { trySmallSegments(at: address) }
        }
        place.timer.schedule(in: Investigation.limit) { [self] in finish() }
        answered()
    }

    /// Why the clock of the machine may be wrong; nil where nothing speaks against it.
    static func doubt(of clock: any ClockSource) -> String? {
        let evidence = ClockEvidence(wall: clock.wall, newestOnRecord: nil, isSynchronised: clock.isWallSynchronised)
        return evidence.doubt.map { "this machine's clock shows \(clock.wall.rfc3339.prefix(10)), \($0.sentence)" }
    }

    // MARK: - Questions

    private func ask(
        _ question: PortProbe.Question, at address: SocketAddress,
        keep: @escaping (inout DoctorFacts, PortAnswer) -> Void
    ) {
        open += 1
        let probe = PortProbe { [weak self] answer in
            guard let self else { return }
            keep(&facts, answer)
            answered()
        }
        probes.append(probe)
        probe.ask(question, at: address, over: network, by: place.timer, within: Investigation.limit)
    }

    private func askForImpossibleName() {
        open += 1
        do throws(OSError) {
            try network.resolve(Investigation.impossibleName, port: endpoint.port, .v4, on: place.timer.eventLoop) {
                [weak self] answer in
                guard let self else { return }
                if case .success(let addresses) = answer {
                    facts.madeUpAddresses = addresses.prefix(2).compactMap(\.ipAddress)
                }
                answered()
            }
        } catch {
            answered()
        }
    }

    private func trySmallSegments(at address: SocketAddress) {
        guard
            let connecting = network.connect(
                to: address, timeout: Investigation.limit, maximumSegment: 536, on: place.timer.eventLoop)
        else { return }
        open += 1
        connecting.assumeIsolated().whenComplete { [weak self] result in
            guard case .success(let channel) = result else { return self?.answered() ?? () }
            guard let self else { return channel.close(promise: nil) }
            speak(over: channel)
        }
    }

    private func speak(over channel: any Channel) {
        do {
            let connection = try DoctorConnection(
                channel, to: endpoint, as: place.profile.forDoctor, by: place.connections, ticket: nil
            ) { [weak self] event in self?.spoke(event) }
            self.connection = connection
            connection.start()
        } catch {
            channel.close(promise: nil)
            answered()
        }
    }

    private func spoke(_ event: DoctorConnection.Event) {
        guard facts.passesInSmallSegments == nil else { return }
        switch event {
        case .secured:
            guard place.connections.isSecured, case .tls = facts.cause else { return }
            facts.passesInSmallSegments = true
        case .opened: facts.passesInSmallSegments = true
        case .ended: facts.passesInSmallSegments = false
        case .resumeRefused, .bound, .heartbeatAnswered, .unbound, .messages: return
        }
        answered()
    }

    private func answered() {
        open -= 1
        if open == 0 { finish() }
    }

    private func finish() {
        guard let completion else { return }
        self.completion = nil
        connection?.close()
        completion(facts)
    }
}

extension SocketAddress {
    /// The same host, another port.
    fileprivate func with(port: UInt16) -> SocketAddress? {
        ipAddress.flatMap { try? SocketAddress(ipAddress: $0, port: Int(port)) }
    }
}
