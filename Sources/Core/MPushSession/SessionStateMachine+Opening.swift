import MPushModel
import MPushWire

/// HANDSHAKE, FAST_CONNECT and the BIND that follows them (PROTOCOL.md sections 4.1 to 4.3).
extension SessionStateMachine {
    /// `otherwise` is what a handshake on this connection has made already: the answer to it is behind us.
    mutating func resume(
        _ ticket: SessionTicket, otherwise: NewSession? = nil, at now: Instant
    ) -> [SessionAction] {
        let number = takeRequestNumber()
        phase = .resuming(number: number, due: now + settings.handshakeTimeout, otherwise: otherwise)
        let request = FastConnectRequest(
            sessionID: String(decoding: ticket.sessionID.exposed, as: UTF8.self), deviceID: settings.deviceID,
            minimumHeartbeat: settings.minimumHeartbeat, maximumHeartbeat: settings.maximumHeartbeat)
        let message = OutgoingMessage(
            command: .fastConnect, sessionID: number, body: request.encoded, protection: .raw)
        return [.useKeys(ticket.keys), .send(message)]
    }

    mutating func handshake(suspect: SessionTicket? = nil, at now: Instant) -> [SessionAction] {
        let number = takeRequestNumber()
        phase = .handshaking(number: number, due: now + settings.handshakeTimeout, suspect: suspect)
        let elapsed = (now - startedAt).wholeMilliseconds
        let request = HandshakeRequest(
            deviceID: settings.deviceID, osName: settings.osName, osVersion: settings.osVersion,
            clientVersion: settings.clientVersion, iv: secrets.keys.iv, clientKey: secrets.keys.key,
            minimumHeartbeat: settings.minimumHeartbeat, maximumHeartbeat: settings.maximumHeartbeat,
            timestamp: wallTimeAtStart.millisecondsSince1970 &+ elapsed)
        let message = OutgoingMessage(command: .handshake, sessionID: number, body: request.encoded, protection: .rsa)
        return [.send(message), .useKeys(secrets.keys)]
    }

    mutating func resumeAnswered(_ answer: FastConnectAnswer, number: Int32, at now: Instant) -> [SessionAction] {
        guard case .resuming(number, let due, _) = phase else { return [] }
        return open(isResumed: true, heartbeat: answer.heartbeat, due: due, at: now)
    }

    mutating func handshakeAnswered(_ answer: HandshakeAnswer, number: Int32, at now: Instant) -> [SessionAction] {
        guard case .handshaking(number, let due, let suspect) = phase else { return [] }
        guard let keys = secrets.keys.mixed(with: answer.serverKey) else {
            return close(.protocolError(detail: "a server key of \(answer.serverKey.count) bytes"))
        }
        let new = NewSession(keys: keys, ticket: ticket(of: answer, keys), heartbeat: answer.heartbeat)
        return suspect.map { resume($0, otherwise: new, at: now) } ?? open(new, due: due, at: now)
    }

    /// nil for a session that cannot be kept, or named in a FAST_CONNECT.
    private func ticket(of answer: HandshakeAnswer, _ keys: CipherKeys) -> SessionTicket? {
        guard (1...SessionTicket.longestID).contains(answer.sessionID.utf8.count) else { return nil }
        return SessionTicket(
            sessionID: SecretBytes(answer.sessionID.utf8), keys: keys, deviceID: settings.deviceID,
            client: settings.clientDescription,
            expires: answer.expireTime > 0 ? WallTime(millisecondsSince1970: answer.expireTime) : nil)
    }

    /// `due` is when the answer would have been too late.
    private mutating func open(_ new: NewSession, due: Instant, at now: Instant) -> [SessionAction] {
        carryover.vainResumptions = 0
        let stored: [SessionAction] = new.ticket.map { [.storeTicket($0)] } ?? []
        return [.useKeys(new.keys)] + stored + open(isResumed: false, heartbeat: new.heartbeat, due: due, at: now)
    }

    /// The stored session is not there any more: what a handshake on the same connection makes, or has made, takes its place.
    mutating func resumeRefused(
        _ error: ErrorAnswer, otherwise: NewSession?, at now: Instant
    ) -> [SessionAction] {
        carryover.vainResumptions = 0
        let due = if case .resuming(_, let due, _) = phase { due } else { now + settings.handshakeTimeout }
        return [.forgetTicket, .report(.resumeRefused(reason: error.reason))]
            + (otherwise.map { open($0, due: due, at: now) } ?? handshake(at: now))
    }

    /// `due` is when the answer would have been too late.
    private mutating func open(
        isResumed: Bool, heartbeat: Duration, due: Instant, at now: Instant
    ) -> [SessionAction] {
        var health = HealthCheck(asked: heartbeat, settings: settings.health, at: now)
        health.openingAnswered(after: settings.handshakeTimeout - (due - now))
        if requests.isReadingPaused { health.readingPaused() }
        let isWished = binding.wished != nil
        phase = .open(OpenSession(isResumed: isResumed, health: health, isReady: !isWished))
        var actions: [SessionAction] = []
        if health.interval != heartbeat {
            actions.append(.report(.absurdHeartbeat(asked: heartbeat, used: health.interval)))
        }
        if !isWished {
            carryover.vainResumptions = 0
            actions.append(.report(.opened(isResumed: isResumed, heartbeat: health.interval)))
        }
        return actions + reconcile(at: now)
    }

    /// Sends what is needed for the server to have bound who is wished.
    mutating func reconcile(at now: Instant) -> [SessionAction] {
        guard case .open = phase, let exchange = binding.nextExchange else { return [] }
        return send(exchange, at: now)
    }

    private mutating func send(_ exchange: UserBinding.Exchange, at now: Instant) -> [SessionAction] {
        let number = takeRequestNumber()
        let request: RequestTable.Request
        switch exchange {
        case .bind(let identity):
            let length = identity.sealedBindLength
            guard length <= settings.maximumSend else { return bindTooLong(identity, bytes: length) }
            let message = OutgoingMessage(
                command: .bind, sessionID: number, body: identity.bindRequest.encoded, protection: .aes)
            request = RequestTable.Request(
                purpose: .bind, message: message, timeout: settings.bindTimeout, triesLeft: settings.requestRetries,
                due: now + settings.bindTimeout)
        case .unbind(let identity):
            let body = BindRequest(userID: identity.userID, data: SecretBytes([]), tags: "")
            let message = OutgoingMessage(
                command: .unbind, sessionID: number, body: body.encoded, protection: .aes)
            request = RequestTable.Request(
                purpose: .unbind, message: message, timeout: settings.requestTimeout, triesLeft: 0,
                due: now + settings.requestTimeout)
        }
        carryover.binding.sent(exchange)
        requests.add(request)
        return [.send(request.message)]
    }

    /// The limit was lowered since somebody asked for it. As if the server had refused it: an operator's user would keep the
    /// identity away for good.
    private mutating func bindTooLong(_ identity: SessionIdentity, bytes: Int) -> [SessionAction] {
        let maximum = settings.maximumSend
        let detail = "BIND has \(bytes) bytes with its tags, and limits.max_send is \(maximum)"
        let refusal = carryover.binding.bindRefused(identity, with: .tooLong(bytes: bytes, maximum: maximum))
        return report(refusal, reason: detail) + close(.bind(detail: detail))
    }

    /// BIND was answered with OK, the last where there are two. What changed in the meantime is bound next.
    mutating func bindAnswered(_ request: RequestTable.Request, at now: Instant) -> [SessionAction] {
        guard case .open(var open) = phase else { return [] }
        // An answer to one that was sent again may be to the first.
        if request.triesLeft == settings.requestRetries {
            open.health.openingAnswered(after: request.timeout - (request.due - now))
        }
        let isRebind = binding.bound != nil
        guard let (bound, ended) = carryover.binding.bindConfirmed() else { return [] }
        carryover.vainResumptions = 0
        let isFirst = !open.isReady
        open.isReady = true
        open.lastRebind = isRebind ? request.message.sessionID : nil
        open.unansweredUnbinds = []
        phase = .open(open)
        let report: SessionReport =
            isFirst
            ? .online(
                OnlineReport(
                    userID: bound.userID, isResumed: open.isResumed, heartbeat: open.health.interval,
                    elapsed: now - startedAt))
            : .rebound(userID: bound.userID, tags: bound.tags)
        return [.report(report)] + completions(ended) + reconcile(at: now)
    }
}
