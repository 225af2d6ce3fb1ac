import MPushModel
import MPushWire

/// HANDSHAKE, FAST_CONNECT and the BIND that follows them (PROTOCOL.md sections 4.1 to 4.3).
extension SessionStateMachine {
    mutating func resume(_ ticket: SessionTicket, at now: Instant) -> [SessionAction] {
        let number = takeRequestNumber()
        phase = .resuming(number: number, ticket: ticket, due: now + settings.handshakeTimeout)
        let request = FastConnectRequest(
            sessionID: String(decoding: ticket.sessionID.exposed, as: UTF8.self), deviceID: settings.deviceID,
            minimumHeartbeat: settings.minimumHeartbeat, maximumHeartbeat: settings.maximumHeartbeat)
        let message = OutgoingMessage(
            command: .fastConnect, sessionID: number, body: request.encoded, protection: .raw)
        return [.useKeys(ticket.keys), .send(message)]
    }

    mutating func handshake(at now: Instant) -> [SessionAction] {
        let number = takeRequestNumber()
        phase = .handshaking(number: number, due: now + settings.handshakeTimeout)
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
        guard case .resuming(number, _, _) = phase else { return [] }
        return open(isResumed: true, heartbeat: answer.heartbeat, at: now)
    }

    mutating func handshakeAnswered(_ answer: HandshakeAnswer, number: Int32, at now: Instant) -> [SessionAction] {
        guard case .handshaking(number, _) = phase else { return [] }
        guard let keys = secrets.keys.mixed(with: answer.serverKey) else {
            return close(.protocolError(detail: "a server key of \(answer.serverKey.count) bytes"))
        }
        var actions: [SessionAction] = [.useKeys(keys)]
        if !answer.sessionID.isEmpty {
            let expires = answer.expireTime > 0 ? WallTime(millisecondsSince1970: answer.expireTime) : nil
            let ticket = SessionTicket(
                sessionID: SecretBytes(answer.sessionID.utf8), keys: keys, deviceID: settings.deviceID,
                expires: expires)
            actions.append(.storeTicket(ticket))
        }
        return actions + open(isResumed: false, heartbeat: answer.heartbeat, at: now)
    }

    /// The stored session is not there any more: a handshake on the same connection takes its place.
    mutating func resumeRefused(_ error: ErrorAnswer, at now: Instant) -> [SessionAction] {
        [.forgetTicket, .report(.resumeRefused(reason: error.reason))] + handshake(at: now)
    }

    private mutating func open(isResumed: Bool, heartbeat: Duration, at now: Instant) -> [SessionAction] {
        let health = HealthCheck(asked: heartbeat, settings: settings.health, at: now)
        phase = .open(OpenSession(isResumed: isResumed, health: health, isReady: !isUserWished))
        var actions: [SessionAction] = []
        if health.interval != heartbeat {
            actions.append(.report(.absurdHeartbeat(asked: heartbeat, used: health.interval)))
        }
        guard isUserWished else {
            return actions + [.report(.opened(isResumed: isResumed, heartbeat: health.interval))]
        }
        return actions + bind(at: now)
    }

    /// Binds the identity in force where it is wished and not bound. One BIND at a time: what changes while one awaits
    /// its answer is bound after it.
    mutating func bindWhatIsWished(at now: Instant) -> [SessionAction] {
        guard case .open(let open) = phase, isUserWished, !requests.contains(.bind) else { return [] }
        // An UNBIND that awaits its answer will have unbound it, and one that was never answered may have.
        guard open.bound != identity || open.isBoundInDoubt || requests.contains(.unbind) else { return [] }
        return bind(at: now)
    }

    /// Binds the identity in force, with the tries that the settings allow.
    private mutating func bind(at now: Instant) -> [SessionAction] {
        let body = BindRequest(
            userID: identity.userID, data: identity.credential, tags: identity.tags.joined(separator: ","))
        let message = OutgoingMessage(
            command: .bind, sessionID: takeRequestNumber(), body: body.encoded, protection: .aes)
        requests.add(
            RequestTable.Request(
                purpose: .bindSession(identity), message: message, timeout: settings.bindTimeout,
                triesLeft: settings.requestRetries, due: now + settings.bindTimeout))
        return [.send(message)]
    }

    /// BIND was answered with OK. What changed in the meantime is bound next.
    mutating func bindAnswered(_ answered: SessionIdentity, at now: Instant) -> [SessionAction] {
        guard case .open(var open) = phase else { return [] }
        let isFirst = !open.isReady
        open.bound = answered
        open.isBoundInDoubt = false
        open.isReady = true
        phase = .open(open)
        let report: SessionReport =
            isFirst
            ? .online(
                OnlineReport(
                    userID: answered.userID, isResumed: open.isResumed, heartbeat: open.health.interval,
                    elapsed: now - startedAt))
            : .rebound(userID: answered.userID, tags: answered.tags)
        return [.report(report)] + (answered == identity ? [] : bindWhatIsWished(at: now))
    }
}
