import MPushCause
import MPushCipher
import MPushConfiguration
import MPushConnection
import MPushNetwork
import MPushPlatform
import MPushSession
import MPushSettings
import MPushSupervision
import MPushSystemd
import MPushTLS
import MPushTime
import NIOCore

/// Runs one identity: feeds its supervisor, makes the connections that it asks for, and gives each the session's driver.
/// Belongs to one event loop.
final class IdentityRunner {
    /// What a connection attempt is at.
    enum Attempt {
        case none
        case allocating(AllocatorClient)
        case connecting(Connector, Endpoint)
        case connected(ConnectionHandler, Endpoint)
    }

    private(set) var profile: IdentityProfile
    private(set) var settings: LoadedSettings
    let services: LoopServices
    private let state: StateDirectory
    private let logger: Logger
    private(set) var log: IdentityLog
    private(set) var tickets: TicketStore
    let consumer: (any MessageConsumer)?
    let onChange: () -> Void
    private(set) var supervisor: Supervisor
    private(set) var attempt = Attempt.none
    private var owner: LoopTimer.Owner?
    private var nextRequestNumber: Int32 = 1
    var tlsInfo: TLSConnectionInfo?
    var heartbeat: Duration?
    var attemptBegan = Instant.zero
    var intake = MessageIntake()
    var lastNotTaken: Instant?
    var lastBehind: Instant?
    /// How many batches of messages the consumer has and did not confirm yet, whatever became of their connection.
    var batchesBeingTaken = 0

    /// - Parameters:
    ///   - consumer: who takes the messages; nil when nobody does.
    ///   - onChange: the status may have changed.
    init(
        _ profile: IdentityProfile, _ settings: LoadedSettings, services: LoopServices, state: StateDirectory,
        seed: UInt64, log: Logger, consumer: (any MessageConsumer)?, onChange: @escaping () -> Void
    ) {
        self.profile = profile
        self.settings = settings
        self.services = services
        self.state = state
        logger = log
        self.log = IdentityLog(
            log, name: profile.name, isOneOfSeveral: settings.identities.count > 1,
            allocator: settings.configuration.server.allocator)
        tickets = state.tickets(
            of: profile.name, serverKey: settings.serverKey, log: log, on: services.eventLoop, onIdle: onChange)
        self.consumer = consumer
        self.onChange = onChange
        supervisor = Supervisor(plan: settings.plan, policy: settings.policy, seed: seed)
    }

    // MARK: - Wishes

    func start() {
        owner = services.timer.makeOwner { [weak self] now in
            self?.tell { supervisor, _ in supervisor.deadlineReached(at: now) }
        }
        tickets.load()
        tell { supervisor, now in supervisor.started(at: now) }
    }

    /// A connection now: skips one wait, or makes a new connection.
    func reconnect() {
        tell { supervisor, now in supervisor.reconnectRequested(at: now) }
    }

    /// The identity is not configured any more: its session is of no use.
    func forgetSession() {
        tickets.keep(nil)
    }

    /// Ends the connection and tries no other.
    func stop() {
        giveUpQuestion()
        tell { supervisor, _ in supervisor.stopRequested() }
    }

    /// Whether nothing is under way any more, after `stop`: the connection is closed, the ticket stored, and the consumer
    /// has done with what it took.
    var hasStopped: Bool {
        guard case .stopped = supervisor.state, case .none = attempt else { return false }
        return tickets.isIdle && batchesBeingTaken == 0
    }

    /// Gives back the timer: the last call.
    func finish() {
        if let owner { services.timer.remove(owner) }
        owner = nil
    }

    /// Other settings are in force. The connection stays where they allow it: another user, tags or credential are
    /// bound on it; another device, trust or server needs a new one.
    func reconfigure(_ profile: IdentityProfile, _ settings: LoadedSettings) {
        let mustReconnect =
            profile.session.deviceID != self.profile.session.deviceID
            || settings.transport.trust != self.settings.transport.trust
            || !isStillPlanned(in: settings)
        let isOtherUser =
            profile.identity.userID != self.profile.identity.userID
            || profile.session.osName != self.profile.session.osName
        moveTickets(to: profile.name, serverKey: settings.serverKey)
        self.profile = profile
        self.settings = settings
        log = IdentityLog(
            logger, name: profile.name, isOneOfSeveral: settings.identities.count > 1,
            allocator: settings.configuration.server.allocator)
        // Whom we leave does not hear who comes next: a server that is not trusted any more must not see the credential.
        if !mustReconnect, case .connected(let handler, _) = attempt {
            handler.tell { machine, now in machine.identityChanged(to: profile.identity, at: now) }
        }
        tell { supervisor, now in
            supervisor.reconfigured(
                plan: settings.plan, policy: settings.policy, mustReconnect: mustReconnect, isOtherUser: isOtherUser,
                at: now)
        }
    }

    /// Under another name the ticket lies in another file; another server's key makes it worthless.
    private func moveTickets(to name: String, serverKey: RSAPublicKey) {
        if serverKey != settings.serverKey { tickets.serverKeyChanged(to: serverKey) }
        guard name != profile.name else { return }
        let ticket = tickets.ticket
        tickets.keep(nil)
        tickets = state.tickets(
            of: name, serverKey: serverKey, log: logger, on: services.eventLoop, onIdle: onChange)
        tickets.keep(ticket)
    }

    private func isStillPlanned(in settings: LoadedSettings) -> Bool {
        guard case .connected(_, let endpoint) = attempt else { return true }
        let allocator = settings.plan.allocator
        return settings.plan.endpoints.contains(endpoint)
            || (allocator != nil && allocator == self.settings.plan.allocator)
    }

    // MARK: - The supervisor

    func tell(_ fact: (inout Supervisor, Instant) -> [SupervisorAction]) {
        let actions = fact(&supervisor, BootClock.now())
        for action in actions { run(action) }
        if let owner { services.timer.set(supervisor.nextDeadline, for: owner) }
        onChange()
    }

    private func run(_ action: SupervisorAction) {
        switch action {
        case .askAllocator: askAllocator()
        case .connect(let endpoint): connect(to: endpoint)
        case .close(let cause): close(cause)
        case .report(let report): log.write(report, user: profile.identity.userID)
        }
    }

    private func askAllocator() {
        guard let url = settings.configuration.server.allocator else {
            return tell { supervisor, now in supervisor.allocatorFailed("none is configured", at: now) }
        }
        giveUpQuestion()
        let client = AllocatorClient(
            url, tls: settings.transport.allocator, timeout: settings.configuration.server.allocatorTimeout,
            userAgent: services.userAgent, in: services.forConnectors
        ) { [weak self] result in self?.allocator(url, answered: result) }
        attempt = .allocating(client)
        client.start()
    }

    /// Where the allocator is being asked, its answer is not wanted any more.
    private func giveUpQuestion() {
        guard case .allocating(let client) = attempt else { return }
        client.cancel()
        attempt = .none
    }

    /// A client that was cancelled does not answer, so this is the answer that is awaited.
    private func allocator(
        _ url: HTTPURL, answered result: Result<[Endpoint], AllocatorClient.AllocatorFailure>
    ) {
        attempt = .none
        tell { supervisor, now in
            switch result {
            case .success(let endpoints): supervisor.allocatorAnswered(endpoints, at: now)
            case .failure(let failure): supervisor.allocatorFailed("\(url.withoutQuery): \(failure.detail)", at: now)
            }
        }
    }

    private func connect(to endpoint: Endpoint) {
        giveUpQuestion()
        attemptBegan = BootClock.now()
        let connector = Connector(
            to: endpoint.host, port: endpoint.port, limits: settings.connectLimits, in: services.forConnectors
        ) { [weak self] result in
            switch result {
            case .success(let channel): self?.open(channel, to: endpoint)
            case .failure(let failure): self?.ended(failure.cause)
            }
        }
        attempt = .connecting(connector, endpoint)
        log.attempting(endpoint)
        connector.start()
    }

    private func open(_ channel: any Channel, to endpoint: Endpoint) {
        do {
            guard channel.isActive else { throw ChannelError.ioOnClosedChannel }
            let (tls, handler) = (try makeTLSHandler(for: endpoint), try makeHandler())
            attempt = .connected(handler, endpoint)
            add(handler, behind: tls, to: channel)
            onChange()
        } catch {
            channel.close(promise: nil)
            ended(.ownFault(detail: "\(error)"))
        }
    }

    /// The session's driver is there first, because TLS begins, and may fail, as soon as it is added.
    private func add(_ handler: ConnectionHandler, behind tls: TLSHandler?, to channel: any Channel) {
        do {
            let pipeline = channel.pipeline.syncOperations
            try pipeline.addHandler(handler)
            if let tls { try pipeline.addHandler(tls, position: .first) }
            channel.setOption(.autoRead, value: true).assumeIsolated().whenFailure { _ in }
        } catch {
            handler.close(.ownFault(detail: "\(error)"))
        }
    }

    private func makeTLSHandler(for endpoint: Endpoint) throws -> TLSHandler? {
        guard let context = settings.transport.server else { return nil }
        return try TLSHandler(
            client: context, serverName: settings.configuration.tls.serverName ?? endpoint.host,
            port: Int(endpoint.port), sessions: services.tlsSessions,
            handshakeTimeout: settings.configuration.tls.handshakeTimeout)
    }

    private func makeHandler() throws -> ConnectionHandler {
        let limits = settings.configuration.limits
        let machine = SessionStateMachine(
            settings: profile.session, identity: profile.identity, ticket: tickets.ticket,
            secrets: try HandshakeSecrets.random(), firstRequestNumber: nextRequestNumber)
        let cipher = PacketCipher(
            serverKey: settings.serverKey, compressOver: limits.compressOver,
            maximumInflated: limits.maximumInflated)
        return ConnectionHandler(
            machine: machine, maximumBody: limits.maximumBody, cipher: cipher,
            isSecured: settings.transport.server != nil, stallLimit: settings.configuration.timeouts.tcpUser,
            timer: services.timer, observer: self)
    }

    private func close(_ cause: LossCause) {
        switch attempt {
        case .none: ended(cause)
        case .allocating(let client):
            client.cancel()
            ended(cause)
        case .connecting(let connector, _):
            connector.cancel()
            ended(cause)
        case .connected(let handler, _):
            handler.close(cause)
        }
    }

    /// The session is bound.
    func wentOnline(_ online: OnlineReport) {
        heartbeat = online.heartbeat
        supervisor.becameOnline(at: BootClock.now())
    }

    /// The attempt, or the connection, is over.
    func ended(_ cause: LossCause) {
        if case .connected(let handler, _) = attempt { nextRequestNumber = handler.nextRequestNumber }
        attempt = .none
        tlsInfo = nil
        heartbeat = nil
        intake = MessageIntake()
        tell { supervisor, now in supervisor.connectionEnded(cause, at: now) }
    }
}
