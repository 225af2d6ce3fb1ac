package import MPushModel
package import MPushWire
import NIOCore

/// One connection's life, from the moment at which it is secured to its end: resume or handshake, bind, health, requests,
/// pushes and acks (PROTOCOL.md sections 3 to 6). A pure value: facts and the time in, actions out.
///
/// Order of calls: `connected` once; then `bytesRead`, `bytesWritten`, `heartbeatReceived`, `messageReceived`,
/// `deadlineReached` and requests in any order; a `close` action, or an end that the driver saw, and then
/// `connectionClosed` end it. `nextDeadline` may have changed after any of them.
///
/// FAST_CONNECT and BIND are sent one after the other, though the server takes both at once: where the session is refused
/// the BIND would fail with it and cost the connection, and refusals are what a restarted server gives to everyone.
package struct SessionStateMachine: Sendable {
    /// How many ERRORs that answer nothing, and KICKs for others, are told of one connection.
    private static let mostComplaints = 8
    /// How often a stored session may lead nowhere until it is forgotten. Where a server is away and a front before it takes
    /// connections and closes them, no attempt says anything of the session: so the last of them is made only once the server
    /// has answered a handshake on the same connection.
    static let mostVainResumptions = 3

    enum Phase: Equatable, Sendable {
        case idle
        /// With what a handshake on this connection has made already, where that came first.
        case resuming(number: Int32, due: Instant, otherwise: NewSession?)
        /// `suspect` is tried as soon as the server has shown that it answers.
        case handshaking(number: Int32, due: Instant, suspect: SessionTicket?)
        /// HANDSHAKE or FAST_CONNECT is answered: the health check runs.
        case open(OpenSession)
        case closed
    }

    /// What a handshake has made.
    struct NewSession: Equatable, Sendable {
        let keys: CipherKeys
        /// nil where it cannot be kept.
        let ticket: SessionTicket?
        let heartbeat: Duration
    }

    /// What exists only once the server has opened, or resumed, the session.
    struct OpenSession: Equatable, Sendable {
        let isResumed: Bool
        var health: HealthCheck
        /// The first BIND is answered, or none was wished when the session was opened: requests can be sent.
        var isReady: Bool
        /// Why the server was asked whether it is there, where that was for a change of the network; nil once it has answered.
        var doubt: String?
        /// The number of the BIND that took the place of another user with one OK. The server may refuse it yet: its OK for
        /// the UNBIND that it does first says no more than that.
        var lastRebind: Int32?
        /// The numbers of the UNBINDs that were given up without an answer since a user was bound last: one that comes late
        /// says that nobody is bound. The last few of them.
        var unansweredUnbinds: [Int32] = []
    }

    var settings: SessionSettings
    let secrets: HandshakeSecrets
    /// What the session before handed on, and the next one gets.
    package internal(set) var carryover: SessionCarryover
    /// The server; nil where nothing is to be known of it.
    let endpoint: Endpoint?
    var phase = Phase.idle
    var requests = RequestTable()
    var startedAt = Instant.zero
    var wallTimeAtStart = WallTime(millisecondsSince1970: 0)
    private let ticket: SessionTicket?
    private var reportedCommands: Set<Command> = []
    private var complaintsLeft = SessionStateMachine.mostComplaints
    /// Who was signed in elsewhere, which ended the session.
    private var kickedUser: String?
    /// The longest silence before what had no answer when the session ended; nil where all had one.
    package private(set) var silenceAtEnd: Silence?
    /// What the server complained about, as long as it says nothing after it.
    var lastServerError: String?

    /// A session with `endpoint` that has not begun. `ticket` is tried first where it is usable. Where `carryover` wishes
    /// nobody bound, `SessionReport.opened` says that the session is open, and no BIND is sent: it would throw out whoever
    /// has the user now.
    package init(
        settings: SessionSettings, carryover: SessionCarryover, endpoint: Endpoint?, ticket: SessionTicket?,
        secrets: HandshakeSecrets
    ) {
        self.settings = settings
        self.carryover = carryover
        self.endpoint = endpoint
        self.ticket = ticket
        self.secrets = secrets
    }

    /// Where the session is, for people; nil before it began.
    package var state: SessionState? {
        switch phase {
        case .idle: nil
        case .resuming: .resuming
        case .handshaking: .handshaking
        case .open where binding.bound == nil && binding.wished == nil: .unbound
        case .open(let open) where open.health.missedReads > 0: .suspect
        case .open: binding.bound == nil ? .binding : .online
        case .closed: .closing
        }
    }

    /// What is wished, and what this server has confirmed.
    package var binding: UserBinding { carryover.binding }

    /// Whether a KICK ended the session that is of no matter any more, because its user is not wished any more.
    package var isKickMoot: Bool { kickedUser != nil && kickedUser != binding.wished?.userID }

    /// How alive the connection is; nil before the session is open.
    package var health: HealthReading? {
        guard case .open(let open) = phase else { return nil }
        return open.health.reading
    }

    /// When `deadlineReached` is to be called next.
    package var nextDeadline: Instant? {
        switch phase {
        case .idle, .closed: nil
        case .resuming(_, let due, _), .handshaking(_, let due, _): due
        case .open(let open): [open.health.nextDeadline, requests.nextDeadline].compactMap(\.self).min()
        }
    }

    // MARK: - Facts

    /// The connection is made and secured.
    package mutating func connected(at now: Instant, wallTime: WallTime) -> [SessionAction] {
        guard case .idle = phase else { return [] }
        startedAt = now
        wallTimeAtStart = wallTime
        carryover.binding.connected()
        guard let ticket, ticket.isUsable(for: settings, at: wallTime) else { return handshake(at: now) }
        let isLastTry = carryover.vainResumptions >= SessionStateMachine.mostVainResumptions - 1
        return isLastTry ? handshake(suspect: ticket, at: now) : resume(ticket, at: now)
    }

    /// A frame came, and its body is plain. `flags` and `number` are those of its header.
    package mutating func messageReceived(
        _ message: ServerMessage, flags: PacketFlags, number: Int32, at now: Instant
    ) -> [SessionAction] {
        if case .closed = phase { return [] }
        lastServerError = nil
        switch message {
        case .push(let content): return pushReceived(content, flags: flags, number: number)
        case .handshake(let answer): return handshakeAnswered(answer, number: number, at: now)
        case .fastConnect(let answer): return resumeAnswered(answer, number: number, at: now)
        case .ok(let answer): return okReceived(answer, number: number, at: now)
        case .error(let answer): return errorReceived(answer, number: number, at: now)
        case .ack: return ackReceived(number: number)
        case .httpProxy(let answer): return httpAnswered(answer, number: number)
        case .kick(let kick): return kicked(kick)
        case .framedHeartbeat: return heartbeatReceived(at: now)
        case .unhandled(let command): return unhandled(command)
        }
    }

    /// The time of `nextDeadline` has come. Called early, it does nothing.
    package mutating func deadlineReached(at now: Instant) -> [SessionAction] {
        switch phase {
        case .idle, .closed:
            return []
        case .resuming(_, let due, _):
            let failure = HandshakeFailure.noAnswer(to: "FAST_CONNECT", within: settings.handshakeTimeout)
            return due <= now ? close(.handshake(failure)) : []
        case .handshaking(_, let due, _):
            let failure = HandshakeFailure.noAnswer(to: "HANDSHAKE", within: settings.handshakeTimeout)
            return due <= now ? close(.handshake(failure)) : []
        case .open(var open):
            let verdicts = open.health.deadlineReached(at: now)
            phase = .open(open)
            return verdicts.flatMap { carryOut($0) } + overdueRequests(at: now)
        }
    }

    /// The server closed in good order. Gives the cause with what the server last complained about, and where it said
    /// nothing, what that means over TLS or, where not `isSecured`, without it.
    package func causeOfClosing(isSecured: Bool) -> LossCause {
        switch phase {
        case .resuming, .handshaking:
            .handshake(lastServerError.map { .closedAfter(words: $0) } ?? .closed(isSecured: isSecured))
        case .open where binding.bound == nil && requests.contains(.bind):
            .bind(detail: lastServerError ?? "closed by the server before it answered")
        case .idle, .open, .closed: .closedByPeer(detail: lastServerError)
        }
    }

    /// The connection is gone, for `cause`: every request that is under way ends. A ticket that led nowhere too
    /// often is forgotten, as in `close`.
    package mutating func connectionClosed(_ cause: LossCause) -> [SessionAction] {
        var actions = resumptionEnded(cause)
        end()
        actions += requests.removeAll().compactMap { completion(of: $0, with: .connectionLost(cause)) }
        return actions + bindingEnded(cause)
    }

    /// Somebody wants the connection closed.
    package mutating func closeRequested(_ cause: LossCause) -> [SessionAction] {
        if case .closed = phase { return [] }
        return close(cause)
    }

    // MARK: - Tools of the extensions

    /// What it complained about before is over.
    mutating func serverSpoke() { lastServerError = nil }

    /// Ends the session, and with it what the server has confirmed: whoever asks for a user from here on is bound over the
    /// next connection. A ticket that led nowhere too often is forgotten, so that a session which the server cannot go on with
    /// (it lost it, or has other keys for it) does not keep us out for ever.
    mutating func close(_ cause: LossCause) -> [SessionAction] {
        let actions = resumptionEnded(cause)
        end()
        return actions + bindingEnded(cause) + [.close(cause)]
    }

    private mutating func end() {
        if case .open(let open) = phase { silenceAtEnd = open.health.unanswered }
        phase = .closed
    }

    private mutating func bindingEnded(_ cause: LossCause) -> [SessionAction] {
        let refusal = carryover.binding.connectionEnded(cause)
        return report(refusal, reason: cause.sentence)
    }

    mutating func closeForKick(of user: String) -> [SessionAction] {
        kickedUser = user
        return close(.kicked)
    }

    /// A stored session that was tried, and led nowhere, is forgotten after some tries.
    private mutating func resumptionEnded(_ cause: LossCause) -> [SessionAction] {
        guard isTicketInVain, !cause.isIntended else { return [] }
        carryover.vainResumptions += 1
        guard carryover.vainResumptions >= SessionStateMachine.mostVainResumptions else { return [] }
        carryover.vainResumptions = 0
        return [.forgetTicket]
    }

    /// Whether the stored session was tried, and is not, or not yet, bound.
    private var isTicketInVain: Bool {
        switch phase {
        case .resuming: true
        case .open(let open): open.isResumed && !open.isReady
        case .idle, .handshaking, .closed: false
        }
    }

    /// A number for a request: 1 to Int32.max, not one that awaits its answer.
    mutating func takeRequestNumber() -> Int32 {
        while true {
            let number = carryover.nextRequestNumber
            carryover.nextRequestNumber = number == .max ? 1 : number + 1
            if !requests.contains(number) { return number }
        }
    }

    func completions(_ ended: [RequestCompletion]) -> [SessionAction] {
        ended.map { .complete($0.token, $0.outcome) }
    }

    mutating func note(_ error: ErrorAnswer) {
        lastServerError = "\(error.reason.isEmpty ? "no reason given" : error.reason) (code \(error.code.rawValue))"
    }

    /// What the server says unasked is told a few times a connection, so that it cannot fill the journal.
    mutating func complaint(_ report: SessionReport) -> [SessionAction] {
        guard complaintsLeft > 0 else { return [] }
        complaintsLeft -= 1
        return [.report(report)]
    }

    private mutating func unhandled(_ command: Command) -> [SessionAction] {
        reportedCommands.insert(command).inserted ? [.report(.unhandledCommand(command))] : []
    }
}

/// What the driver of a connection has to do, in the order in which it is told.
package enum SessionAction: Equatable, Sendable {
    /// Encrypt and decrypt with these keys from now on: frames that came before are done with.
    case useKeys(CipherKeys)
    /// Send a frame.
    case send(OutgoingMessage)
    /// Send the single byte that is a heartbeat.
    case sendHeartbeat
    /// Keep the ticket, in place of any other of this identity.
    case storeTicket(SessionTicket)
    /// Forget the stored ticket: the server does not know it any more.
    case forgetTicket
    /// Hand the message to whoever keeps messages, and call `messageConfirmed` when that is done. The user is the one that
    /// the server had bound when the message came; nil where that is not known.
    case deliver(ReceivedMessage, user: String?)
    /// A request that was asked for has ended.
    case complete(RequestToken, RequestOutcome)
    /// Tell people.
    case report(SessionReport)
    /// Close the connection. Nothing follows but `complete`.
    case close(LossCause)
}
