import MPushCipher
import MPushConfiguration
package import MPushConnection
import MPushInbox
package import MPushModel
import MPushPlatform
package import MPushSession
import MPushSupervision
import MPushSystemd
package import MPushTLS
import NIOCore

/// Runs one identity: feeds its supervisor, makes the connections that it asks for, and gives each the session's driver.
/// Belongs to one event loop.
package final class IdentityRunner {
    /// What the driver is at.
    enum Phase {
        case resting
        case allocating(AllocatorClient)
        case connecting(Connector, Endpoint, began: Instant)
        case connected(LiveConnection)
    }

    /// What the configuration says of the identity.
    package private(set) var profile: IdentityProfile
    private(set) var settings: LoadedSettings
    let services: LoopServices
    private let journal: FleetJournal
    private(set) var log: IdentityLog
    package let tickets: TicketKeeper
    let reception: MessageReception
    let network: FleetNetwork
    private let onChange: () -> Void
    var serverRoutes = ServerRoutes()
    private(set) var supervisor: Supervisor
    /// Which of the server's keys is tried.
    var keys: ServerKeyChoice
    var phase = Phase.resting
    /// What the next session begins with. While there is a connection its session has it: see `binding`.
    var carryover: SessionCarryover
    private var owner: LoopTimer.Owner?
    var counters = IdentityCounters()
    var requests = PendingRequests()
    private var idleCuts = IdleCutWatch()
    var witness = KeepaliveWitness()
    /// Its number among those who learn how long networks keep what is silent.
    let member: Int
    /// What looks whether the preferred server is there again.
    var probe: EndpointProbe?
    /// The state that was told last, and since when it is.
    private(set) var lastState: (state: ConnectionState, since: Moment)
    /// Why the last connection or attempt has ended, where nobody asked for that.
    private var lastEnd: LossCause?
    private(set) var outages: OutageWatch
    private var wasWished = true
    var cachedStatus: IdentityStatus?

    /// - Parameters:
    ///   - ticket: the session that the inbox has for the identity.
    ///   - consumer: who takes the messages.
    ///   - onChange: the status may have changed.
    init(
        _ profile: IdentityProfile, _ settings: LoadedSettings, services: LoopServices, ticket: StoredTicket?,
        seed: UInt64, journal: FleetJournal, network: FleetNetwork, consumer: any MessageConsumer,
        onChange: @escaping () -> Void
    ) {
        self.profile = profile
        self.settings = settings
        self.services = services
        self.journal = journal
        lastState = (.waiting, Moment(services.timer.clock))
        outages = OutageWatch(at: lastState.since.instant, wall: lastState.since.wall)
        self.log = IdentityLog(
            journal, name: profile.name, isOneOfSeveral: settings.identities.count > 1,
            allocator: settings.configuration.server.allocator, clock: services.timer.clock)
        tickets = TicketKeeper(
            of: profile.name, stored: ticket, serverKeys: settings.serverKeys, inbox: services.inbox,
            log: self.log, onIdle: onChange)
        self.network = network
        member = services.keepalives.join()
        self.onChange = onChange
        reception = MessageReception(
            budget: services.budget, consumer: consumer, clock: services.timer.clock, onDone: onChange)
        carryover = SessionCarryover(binding: UserBinding(configured: profile.identity))
        supervisor = Supervisor(plan: settings.plan, policy: settings.policy, seed: seed)
        keys = ServerKeyChoice(of: settings.serverKeys.count)
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
        probe?.cancel()
        tell { supervisor, now in supervisor.stopRequested(at: now) }
    }

    /// Whether nothing is under way any more, after `stop`: the connection is closed, the ticket stored, and the consumer
    /// has done with what it took.
    package var hasStopped: Bool {
        guard case .stopped = supervisor.state, case .resting = phase else { return false }
        return tickets.isIdle && reception.isIdle
    }

    /// Gives back the timer: the last call.
    package func finish() {
        if let owner { services.timer.remove(owner) }
        owner = nil
        services.wallClock.setWaiting(false, self)
    }

    /// Other settings are in force. The connection stays where they allow it: another user, tags or credential are
    /// bound on it; another device, trust, key or server needs a new one.
    package func reconfigure(_ profile: IdentityProfile, _ settings: LoadedSettings) {
        let mustReconnect =
            settings.needsNewConnection(for: profile, since: self.settings, self.profile)
            || !isStillPlanned(in: settings)
        // What it finds is of the trust, the key and the plan that were.
        if mustReconnect || settings.plan != self.settings.plan { giveUpProbe() }
        let isOtherClient = profile.session.osName != self.profile.session.osName
        if settings.lacksKey(of: self.settings) { tickets.serverKeyChanged(to: settings.serverKey) }
        if settings.serverKeys != self.settings.serverKeys { keys.keysChanged(to: settings.serverKeys.count) }
        let userBefore = binding.wished?.userID
        self.profile = profile
        self.settings = settings
        log = IdentityLog(
            journal, name: profile.name, isOneOfSeveral: settings.identities.count > 1,
            allocator: settings.configuration.server.allocator, clock: services.timer.clock)
        tickets.renamed(to: profile.name, log: log)
        if let connection {
            connection.handler.tell { machine, now in
                machine.configurationRead(
                    profile.identity, maximumSend: profile.session.maximumSend, isLeft: mustReconnect, at: now)
            }
        } else {
            complete(carryover.configurationRead(profile.identity))
        }
        let isOtherUser = binding.wished?.userID != userBefore || isOtherClient
        tell { supervisor, now in
            supervisor.reconfigured(
                plan: settings.plan, policy: settings.policy, mustReconnect: mustReconnect, isOtherUser: isOtherUser,
                at: now)
        }
    }

    // MARK: - The supervisor

    func tell(_ fact: (inout Supervisor, Instant) -> [SupervisorAction]) {
        let actions = fact(&supervisor, services.timer.now)
        outages.attemptsFailed(supervisor.failedAttempts)
        for action in actions { run(action) }
        rearm()
        changed()
    }

    private func rearm() {
        guard let owner else { return }
        services.timer.set(supervisor.nextDeadline, for: owner)
        services.wallClock.setWaiting(supervisor.awaitsClock, self)
    }

    private func run(_ action: SupervisorAction) {
        switch action {
        case .askAllocator: askAllocator()
        case .connect(let endpoint): connect(to: endpoint)
        case .probe(let endpoint): look(at: endpoint)
        case .close(let cause): close(cause)
        case .abandon(let cause): abandon(cause)
        case .report(let report):
            let state = supervisor.state.connectionState(at: nil)
            log.write(report, user: shownUser, outage: outages.outage, state: state)
        }
    }

    private func connect(to endpoint: Endpoint) {
        giveUpQuestion()
        let began = services.timer.now
        let connector = connections.connector(to: endpoint) { [weak self] result in
            switch result {
            case .success(let channel): self?.open(channel, to: endpoint, began: began)
            case .failure(let failure): self?.ended(failure.cause)
            }
        }
        connector.onStage = { [weak self] in self?.changed() }
        phase = .connecting(connector, endpoint, began: began)
        log.attempting(endpoint)
        connector.start()
    }

    private func open(_ channel: any Channel, to endpoint: Endpoint, began: Instant) {
        do {
            let handler = try connections.connection(
                to: endpoint, session: profile.session, carryover: carryover, ticket: tickets.ticket,
                key: keys.number(for: endpoint), observer: self)
            let connection = LiveConnection(
                handler, to: endpoint, on: channel, gate: reception.makeGate(for: handler), began: began)
            notePath(of: connection, on: channel)
            phase = .connected(connection)
            counters.attempts += 1
            handler.start(on: channel)
            changed()
        } catch {
            channel.close(promise: nil)
            ended(.ownFault(detail: "\(error)"))
        }
    }

    var connections: ConnectionBuilder {
        ConnectionBuilder(settings, in: services.forConnectors, tlsSessions: services.tlsSessions)
    }

    private func close(_ cause: LossCause) {
        switch phase {
        case .resting: ended(cause)
        case .allocating(let client):
            client.cancel()
            ended(cause)
        case .connecting(let connector, _, _):
            connector.cancel()
            ended(cause)
        case .connected(let connection):
            connection.handler.close(cause)
        }
    }

    /// What hangs is released, whatever it does.
    private func abandon(_ cause: LossCause) {
        if let connection { connection.handler.abandon(cause) } else { close(cause) }
    }

    /// The attempt, or the connection, is over. An attempt that could not be made is not counted.
    func ended(_ found: LossCause) {
        let cause = services.wallClock.judge(connection?.cause(behind: found, &idleCuts) ?? found)
        var isKickMoot = false
        if case .connecting = phase, !cause.isShortage { counters.attempts += 1 }
        if let connection {
            carryover = connection.handler.carryover
            isKickMoot = connection.handler.isKickMoot
            counters.add(connection.handler.tally)
            endKeepalive(over: connection, cause)
            // What is there takes connections, and makes no session: others come first.
            if connection.opening == nil, connection.tunnel == nil, !cause.isIntended, let address = connection.address
            {
                services.lookup.learned(address, isGood: false)
            }
        }
        phase = .resting
        counters.count(cause)
        lastEnd = cause.isIntended ? nil : cause
        doubtNetwork(after: cause)
        tell { supervisor, now in supervisor.connectionEnded(cause, isKickMoot: isKickMoot, at: now) }
    }

    /// Something that `status` says may have changed.
    func changed() {
        cachedStatus = nil
        let state = supervisor.state.connectionState(at: stage)
        let isWished = binding.wished != nil
        if state != lastState.state || isWished != wasWished {
            let now = Moment(services.timer.clock)
            if state != lastState.state { lastState = (state, now) }
            if state == .noNetwork { network.routeIsAwaited() }
            wasWished = isWished
            outages.stateChanged(
                to: state, isWished: isWished, failed: supervisor.failedAttempts, at: now.instant, wall: now.wall)
        }
        onChange()
    }
}

/// The connection's news.
extension IdentityRunner: ConnectionObserver {
    package func connectionSecured(_ info: TLSConnectionInfo?) {
        connection?.tls = info
        changed()
    }

    package func sessionStateChanged() {
        changed()
    }

    package func sessionReported(_ report: SessionReport) {
        guard let connection else { return }
        switch report {
        case .online(let online): opened(connection, isResumed: online.isResumed, heartbeat: online.heartbeat)
        case .opened(let isResumed, let heartbeat):
            opened(connection, isResumed: isResumed, heartbeat: heartbeat)
        case .heartbeatAnswered(let roundTrip):
            counters.heartbeatAnswered(after: roundTrip)
            heartbeatAnswered(over: connection)
        case .readMissed: counters.missedReads += 1
        case .rebound, .resumeRefused, .absurdHeartbeat, .readRecovered, .unbound, .userDropped, .unhandledCommand,
            .serverError, .kickForAnother, .kickAfterUnbind, .messageTooLong, .httpProxyUnsupported:
            break
        }
        changed()
        log.write(
            report, endpoint: connection.endpoint, device: profile.session.deviceID, user: shownUser,
            state: status.state, tls: connection.tls, setup: services.timer.now - connection.began,
            log.verdict(on: report), after: outages.takeEnd(cause: lastEnd))
    }

    private func opened(_ connection: LiveConnection, isResumed: Bool, heartbeat: Duration) {
        connection.opening = SessionOpening(isResumed: isResumed, heartbeat: heartbeat)
        counters.connections += 1
        beginKeepalive(over: connection)
        if let address = connection.address { services.lookup.learned(address, isGood: true) }
        supervisor.becameOnline(at: services.timer.now)
        keepAnswer(thatNamed: connection.endpoint)
        rearm()
    }

    package func ticketChanged(_ ticket: SessionTicket?) {
        tickets.keep(ticket)
    }

    package func requestCompleted(_ token: RequestToken, _ outcome: RequestOutcome) {
        requests.completed(token)?(outcome)
    }

    package func messagesReceived(_ messages: [ReceivedMessage], user: String?) {
        guard let connection else { return }
        log.received(messages, from: connection.endpoint, user: user ?? "")
        let origin = MessageOrigin(identity: profile.name, user: user ?? "", received: services.timer.wall)
        reception.received(messages, from: origin, over: connection, log: log)
    }

    package func connectionEnded(_ cause: LossCause) {
        if let connection { keys.ended(cause, at: connection.endpoint) }
        ended(cause)
    }
}
