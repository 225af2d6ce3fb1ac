import MPushCipher
import MPushConfiguration
package import MPushConnection
package import MPushInbox
package import MPushModel
import MPushPlatform
import MPushSession
package import MPushSupervision
package import MPushSystemd
package import MPushTLS
import NIOCore

/// Runs one identity: feeds its supervisor, makes the connections that it asks for, and gives each the session's driver.
/// Belongs to one event loop.
package final class IdentityRunner {
    /// What a connection attempt is at.
    package enum Attempt {
        case none
        case allocating(AllocatorClient)
        case connecting(Connector, Endpoint)
        case connected(ConnectionHandler, Endpoint)
    }

    package var profile: IdentityProfile
    package private(set) var settings: LoadedSettings
    package let services: LoopServices
    private let logger: Logger
    package private(set) var log: IdentityLog
    package let tickets: TicketKeeper
    package let consumer: any MessageConsumer
    package let onChange: () -> Void
    package private(set) var supervisor: Supervisor
    package private(set) var attempt = Attempt.none
    private var owner: LoopTimer.Owner?
    private var nextRequestNumber: Int32 = 1
    package var tlsInfo: TLSConnectionInfo?
    /// What was agreed when the session of now was opened; nil while there is none.
    package private(set) var opening: SessionOpening?
    package var counters = IdentityCounters()
    /// When the state of now began.
    package private(set) var stateSince = BootClock.wall()
    private var lastState = ConnectionState.waiting
    package private(set) var lastLossAt: WallTime?
    package var requests = PendingRequests()
    /// Who waits for the answer to a BIND.
    package var bindings: [PendingRequests.Completion] = []
    /// Whether a user is to be bound: what the connection of now was told, or what the next one is.
    package var isUserWished: Bool {
        if case .connected(let handler, _) = attempt { handler.isUserWished } else { isUserWishedNext }
    }
    package var isUserWishedNext = true
    /// Servers that make no HTTP requests for clients: asking again would cost the connection.
    package var withoutHTTPProxy: Set<Endpoint> = []
    package var attemptBegan = Instant.zero
    /// Of the connection of now.
    private(set) lazy var gate = makeGate()
    package var lastNotTaken: Instant?
    package var lastBehind: Instant?
    /// How many batches of messages the consumer has and did not confirm yet, whatever became of their connection.
    package var batchesBeingTaken = 0

    /// - Parameters:
    ///   - ticket: the session that the inbox has for the identity.
    ///   - consumer: who takes the messages.
    ///   - onChange: the status may have changed.
    package init(
        _ profile: IdentityProfile, _ settings: LoadedSettings, services: LoopServices, ticket: StoredTicket?,
        seed: UInt64, log: Logger, consumer: any MessageConsumer, onChange: @escaping () -> Void
    ) {
        self.profile = profile
        self.settings = settings
        self.services = services
        logger = log
        self.log = IdentityLog(
            log, name: profile.name, isOneOfSeveral: settings.identities.count > 1,
            allocator: settings.configuration.server.allocator)
        tickets = TicketKeeper(
            of: profile.name, stored: ticket, serverKey: settings.serverKey, inbox: services.inbox,
            log: log.with([.identity(profile.name)]), onIdle: onChange)
        self.consumer = consumer
        self.onChange = onChange
        supervisor = Supervisor(plan: settings.plan, policy: settings.policy, seed: seed)
    }

    // MARK: - Wishes

    package func start() {
        owner = services.timer.makeOwner { [weak self] now in
            self?.tell { supervisor, _ in supervisor.deadlineReached(at: now) }
        }
        tell { supervisor, now in supervisor.started(at: now) }
    }

    /// A connection now: skips one wait, or makes a new connection.
    package func reconnect() {
        tell { supervisor, now in supervisor.reconnectRequested(at: now) }
    }

    /// The identity is not configured any more: its session is of no use.
    package func forgetSession() {
        tickets.keep(nil)
    }

    /// Ends the connection and tries no other.
    package func stop() {
        giveUpQuestion()
        tell { supervisor, now in supervisor.stopRequested(at: now) }
    }

    /// Whether nothing is under way any more, after `stop`: the connection is closed, the ticket stored, and the consumer
    /// has done with what it took.
    package var hasStopped: Bool {
        guard case .stopped = supervisor.state, case .none = attempt else { return false }
        return tickets.isIdle && batchesBeingTaken == 0
    }

    /// Gives back the timer: the last call.
    package func finish() {
        if let owner { services.timer.remove(owner) }
        owner = nil
    }

    /// Other settings are in force. The connection stays where they allow it: another user, tags or credential are
    /// bound on it; another device, trust or server needs a new one.
    package func reconfigure(_ profile: IdentityProfile, _ settings: LoadedSettings) {
        let mustReconnect =
            settings.needsNewConnection(for: profile, since: self.settings, self.profile)
            || !isStillPlanned(in: settings)
        let isOtherUser =
            profile.identity.userID != self.profile.identity.userID
            || profile.session.osName != self.profile.session.osName
        if settings.serverKey != self.settings.serverKey { tickets.serverKeyChanged(to: settings.serverKey) }
        // Only a handshake describes the client: a resumed session would keep the old description.
        if !profile.session.describesSameClient(as: self.profile.session) { tickets.keep(nil) }
        tickets.renamed(to: profile.name)
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

    private func isStillPlanned(in settings: LoadedSettings) -> Bool {
        guard case .connected(_, let endpoint) = attempt else { return true }
        let allocator = settings.plan.allocator
        return settings.plan.endpoints.contains(endpoint)
            || (allocator != nil && allocator == self.settings.plan.allocator)
    }

    // MARK: - The supervisor

    package func tell(_ fact: (inout Supervisor, Instant) -> [SupervisorAction]) {
        let actions = fact(&supervisor, BootClock.now())
        for action in actions { run(action) }
        if let owner { services.timer.set(supervisor.nextDeadline, for: owner) }
        changed()
    }

    private func run(_ action: SupervisorAction) {
        switch action {
        case .askAllocator: askAllocator()
        case .connect(let endpoint): connect(to: endpoint)
        case .close(let cause): close(cause)
        case .abandon(let cause): abandon(cause)
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
    package func giveUpQuestion() {
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
        counters.attempts += 1
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
            let (tls, handler) = (try makeTLSHandler(for: endpoint), try makeHandler())
            attempt = .connected(handler, endpoint)
            handler.start(on: channel, behind: tls)
            changed()
        } catch {
            channel.close(promise: nil)
            ended(.ownFault(detail: "\(error)"))
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
            settings: profile.session, identity: profile.identity, isUserWished: isUserWishedNext,
            ticket: tickets.ticket, secrets: try HandshakeSecrets.random(), firstRequestNumber: nextRequestNumber)
        let cipher = PacketCipher(
            serverKey: settings.serverKey, compressOver: limits.compressOver,
            maximumInflated: limits.maximumInflated)
        return ConnectionHandler(
            machine: machine, maximumBody: limits.maximumBody, cipher: cipher,
            isSecured: settings.transport.server != nil, stallLimit: settings.configuration.timeouts.tcpUser,
            limits: ConnectionEnding.Limits(
                securing: settings.configuration.tls.handshakeTimeout, session: profile.session),
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

    /// What hangs is let go of, whatever it does.
    private func abandon(_ cause: LossCause) {
        if case .connected(let handler, _) = attempt { handler.abandon(cause) } else { close(cause) }
    }

    /// The session is bound, or open without a user where none is wished.
    package func wentOnline(_ opening: SessionOpening) {
        self.opening = opening
        counters.connections += 1
        supervisor.becameOnline(at: BootClock.now())
    }

    /// The heartbeat in force; nil while there is no session.
    package var heartbeat: Duration? { opening?.heartbeat }

    private func makeGate() -> ReadingGate {
        ReadingGate(services.budget) { [weak self] in
            guard let self, case .connected(let handler, _) = attempt else { return }
            handler.setConsumerIsBehind(false)
        }
    }

    /// The attempt, or the connection, is over.
    package func ended(_ cause: LossCause) {
        if case .connected(let handler, _) = attempt {
            nextRequestNumber = handler.nextRequestNumber
            isUserWishedNext = handler.isUserWished
            counters.add(handler.tally)
        }
        attempt = .none
        tlsInfo = nil
        opening = nil
        gate = makeGate()
        counters.lost(cause)
        lastLossAt = BootClock.wall()
        bindingsEnded(.connectionLost(cause))
        tell { supervisor, now in supervisor.connectionEnded(cause, at: now) }
    }

    /// Something that `status` says may have changed.
    package func changed() {
        let state = status.state
        if state != lastState {
            lastState = state
            stateSince = BootClock.wall()
        }
        onChange()
    }
}
