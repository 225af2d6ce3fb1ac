package import MPushModel
package import MPushWire
import NIOCore

/// One connection as the real server sees it: told what the client sent, it says what is answered (PROTOCOL.md
/// sections 4 and 5). A pure value; what connections share is lent to it.
package struct SimulatedSession: Sendable {
    package let id: ConnectionID
    /// Empty before the handshake.
    package internal(set) var deviceID = ""
    package internal(set) var clientType = ClientType.unknown
    /// Who is bound; nil for nobody.
    package internal(set) var user: String?
    /// Of the last BIND, joined with commas.
    package internal(set) var tags = ""
    /// What `SimulatorFault` asks for.
    package var behaviour = ConnectionBehaviour()
    private var readCheck: ReadCheck

    /// A connection accepted at `now`. `checkDue` is to be called after `settings.firstReadCheck`.
    package init(id: ConnectionID, settings: SimulatedServerSettings, at now: Instant) {
        self.id = id
        readCheck = ReadCheck(
            firstInterval: settings.firstReadCheck, forgiven: settings.forgivenMissedReads, at: now)
    }

    /// Any byte counts.
    package mutating func dataRead(at now: Instant) {
        readCheck.dataRead(at: now)
    }

    /// The moment that the last verdict named has come. A silent server never closes.
    package mutating func checkDue(at now: Instant) -> ReadCheck.Verdict {
        if behaviour.isSilent || !behaviour.reads { readCheck.dataRead(at: now) }
        return readCheck.checkDue(at: now)
    }

    /// The single byte came.
    package mutating func heartbeatReceived(in registry: inout ServerRegistry) -> [Action] {
        registry.statistics.heartbeats += 1
        return behaviour.answersHeartbeats ? [.record(.heartbeat), .beat] : [.record(.heartbeat)]
    }

    /// A frame came whose body was opened, HANDSHAKE excepted: see `handshakeReceived`.
    package mutating func messageReceived(
        _ message: ClientMessage, _ header: RequestHeader, in registry: inout ServerRegistry, at now: Instant
    ) -> [Action] {
        switch message {
        case .fastConnect(let request): fastConnectReceived(request, header, in: &registry, at: now)
        case .bind(let request): bindReceived(request, header, in: &registry)
        case .unbind: unbindReceived(header, in: &registry)
        case .push(let content): pushReceived(bytes: content.readableBytes, header)
        case .ack: [.settle(number: header.number)]
        case .httpProxy(let request): httpProxyReceived(request, header, in: &registry)
        case .framedHeartbeat: heartbeatReceived(in: &registry)
        case .handshake, .unhandled: refuse(header, .unsupportedCommand, "unsupported command", in: &registry)
        }
    }

    /// A frame came whose body could not be decrypted, inflated or read.
    package func unreadableReceived(_ header: RequestHeader, in registry: inout ServerRegistry) -> [Action] {
        if header.command == .httpProxy && !registry.settings.servesHTTPProxy {
            return refuse(header, .unsupportedCommand, "unsupported command", in: &registry)
        }
        return refuse(header, .dispatchError, "handle message error", in: &registry)
    }

    /// The connection is gone.
    package mutating func closed(in registry: inout ServerRegistry) {
        if let user { registry.unregister(user, clientType, at: id) }
        user = nil
    }

    /// The heartbeat that is agreed, as the client is told it.
    mutating func agreeOnHeartbeat(clientMaximum: Duration, settings: SimulatedServerSettings) -> Duration {
        let heartbeat = settings.heartbeat(clientMaximum: clientMaximum)
        readCheck.heartbeatAgreed(heartbeat)
        return behaviour.toldHeartbeat ?? heartbeat
    }

    private func pushReceived(bytes: Int, _ header: RequestHeader) -> [Action] {
        let received = Action.record(.pushReceived(bytes: bytes))
        guard header.flags.contains(.autoAck) else { return [received] }
        return [received, .send(PlainFrame(.ack, number: header.number, isSealed: false))]
    }
}

extension SimulatedSession {
    /// What is to be done, in this order, about what a session was told.
    package enum Action: Equatable, Sendable {
        case send(PlainFrame)
        /// The single byte of a heartbeat.
        case beat
        /// What is encrypted and decrypted from here on uses these keys.
        case useKeys(SessionKeys)
        /// Tells another connection that its user is bound elsewhere now.
        case kick(ConnectionID)
        /// A push was acknowledged; the number may be anybody's guess.
        case settle(number: Int32)
        case record(SimulatorEvent.Kind)
        /// The connection reached this moment: planned faults are due.
        case reached(FaultMoment)
        case close(CloseReason)
    }
}

/// HANDSHAKE and FAST_CONNECT (PROTOCOL.md sections 4.1 and 4.2).
extension SimulatedSession {
    private static let keyLength = 16

    /// A HANDSHAKE came; `offer` is used where it opens a session.
    package mutating func handshakeReceived(
        _ request: HandshakeRequest, _ header: RequestHeader, offering offer: SessionOffer,
        in registry: inout ServerRegistry, at now: Instant
    ) -> [Action] {
        guard let sessionKey = Self.mix(request, offer) else { return unreadableReceived(header, in: &registry) }
        guard !request.deviceID.isEmpty, request.iv.count == Self.keyLength,
            request.clientKey.count == Self.keyLength
        else { return refuse(header, .none, "Param invalid", in: &registry) }
        if request.deviceID == deviceID {
            return decline(header, .repeatedHandshake, "repeat handshake", in: &registry)
        }
        return open(request, header, offer, SessionKeys(key: sessionKey, iv: request.iv), in: &registry, at: now)
    }

    /// The session key. As in the server, a client key that is too short breaks the mixing itself, one that is too long
    /// is found out later.
    private static func mix(_ request: HandshakeRequest, _ offer: SessionOffer) -> SecretBytes? {
        guard request.clientKey.count >= keyLength else { return nil }
        return SecretBytes(request.clientKey.exposed.prefix(keyLength)).xored(with: offer.serverKey)
    }

    private mutating func open(
        _ request: HandshakeRequest, _ header: RequestHeader, _ offer: SessionOffer, _ keys: SessionKeys,
        in registry: inout ServerRegistry, at now: Instant
    ) -> [Action] {
        deviceID = request.deviceID
        clientType = ClientType(osName: request.osName)
        let heartbeat = agreeOnHeartbeat(clientMaximum: request.maximumHeartbeat, settings: registry.settings)
        keep(request, keys, as: offer.sessionID, in: &registry, at: now)
        registry.statistics.handshakes += 1
        let answer = HandshakeAnswer(
            serverKey: offer.serverKey, heartbeat: heartbeat, sessionID: offer.sessionID,
            expireTime: offer.expiry.millisecondsSince1970)
        return [
            .record(.handshaken(device: deviceID, heartbeat: heartbeat)),
            .useKeys(SessionKeys(key: request.clientKey, iv: request.iv)),
            .send(.sealed(.handshake, answering: header, answer)), .useKeys(keys), .reached(.opened),
        ]
    }

    /// The server stores the fields joined with commas, so that a comma in one of them makes the session useless.
    private func keep(
        _ request: HandshakeRequest, _ keys: SessionKeys, as id: String, in registry: inout ServerRegistry,
        at now: Instant
    ) {
        let fields = [request.deviceID, request.osName, request.osVersion, request.clientVersion]
        guard !fields.contains(where: { $0.contains(",") }) else { return }
        let session = ReusableSession(deviceID: request.deviceID, osName: request.osName, keys: keys)
        registry.sessions.store(session, id: id, until: now + registry.settings.sessionLifetime)
    }

    /// A FAST_CONNECT came. A session that goes on is bound to nobody.
    mutating func fastConnectReceived(
        _ request: FastConnectRequest, _ header: RequestHeader, in registry: inout ServerRegistry, at now: Instant
    ) -> [Action] {
        guard let session = registry.sessions.session(request.sessionID, at: now) else {
            return decline(header, .sessionExpired, "session expired", in: &registry)
        }
        guard session.deviceID == request.deviceID, !behaviour.deniesDevice else {
            return decline(header, .invalidDevice, "invalid device", in: &registry)
        }
        closed(in: &registry)
        deviceID = session.deviceID
        clientType = ClientType(osName: session.osName)
        let heartbeat = agreeOnHeartbeat(clientMaximum: request.maximumHeartbeat, settings: registry.settings)
        registry.statistics.resumes += 1
        let answer = FastConnectAnswer(heartbeat: heartbeat)
        return [
            .record(.resumed(device: deviceID, heartbeat: heartbeat)),
            .send(.raw(.fastConnect, answering: header, answer)), .useKeys(session.keys), .reached(.opened),
        ]
    }
}

/// BIND and UNBIND (PROTOCOL.md sections 4.3 and 5).
extension SimulatedSession {
    mutating func bindReceived(
        _ request: BindRequest, _ header: RequestHeader, in registry: inout ServerRegistry
    ) -> [Action] {
        guard !request.userID.isEmpty else { return refuse(header, .none, "invalid param", in: &registry) }
        guard !deviceID.isEmpty else { return refuse(header, .none, "not handshake", in: &registry) }
        let isRefused = behaviour.refusesBind || registry.settings.refusedUsers.contains(request.userID)
        if user == request.userID {
            tags = request.tags
            return [.record(.bound(user: request.userID, tags: tags)), ok(header, "bind success")]
        }
        // As in the server, whose validator is asked only once the user before is unbound.
        let unbound = user == nil ? [] : unbind(header, in: &registry)
        return unbound
            + (isRefused
                ? refuse(header, .none, "bind failed", in: &registry) : bind(request, header, in: &registry))
    }

    /// Whatever name the frame has, the bound user is unbound; where there is none, the server stumbles.
    mutating func unbindReceived(_ header: RequestHeader, in registry: inout ServerRegistry) -> [Action] {
        guard !deviceID.isEmpty else { return refuse(header, .none, "not handshake", in: &registry) }
        guard user != nil else { return unreadableReceived(header, in: &registry) }
        return unbind(header, in: &registry)
    }

    private mutating func bind(
        _ request: BindRequest, _ header: RequestHeader, in registry: inout ServerRegistry
    ) -> [Action] {
        user = request.userID
        tags = request.tags
        registry.statistics.binds += 1
        var actions: [Action] = [.record(.bound(user: request.userID, tags: tags)), ok(header, "bind success")]
        if let old = registry.register(request.userID, clientType, at: id) { actions.append(.kick(old)) }
        return actions + [.reached(.bound)]
    }

    private mutating func unbind(_ header: RequestHeader, in registry: inout ServerRegistry) -> [Action] {
        let name = user ?? ""
        closed(in: &registry)
        tags = ""
        return [.record(.unbound(user: name)), ok(header, "unbind success")]
    }

    /// Names the command of the request, also where the server unbinds of itself before it binds.
    private func ok(_ header: RequestHeader, _ data: String) -> Action {
        .send(.raw(.ok, answering: header, OkAnswer(command: header.command, code: .none, data: data)))
    }
}

/// HTTP_PROXY (PROTOCOL.md section 4.7): no request leaves the simulator, the answer is an echo.
extension SimulatedSession {
    func httpProxyReceived(
        _ request: HTTPProxyRequest, _ header: RequestHeader, in registry: inout ServerRegistry
    ) -> [Action] {
        guard registry.settings.servesHTTPProxy else {
            return refuse(header, .unsupportedCommand, "unsupported command", in: &registry)
        }
        let proxied = Action.record(.proxied(uri: request.uri))
        if request.uri.isEmpty {
            // The real server answers twice: it says that the request is bad, and then tries all the same.
            return [proxied, failure(header, 400, "Bad Request"), failure(header, 502, "Bad Gateway")]
        }
        guard request.uri.hasPrefix("http://") || request.uri.hasPrefix("https://") else {
            return [proxied, failure(header, 502, "Bad Gateway")]
        }
        return [proxied, .send(.sealed(.httpProxy, answering: header, Self.echo(request)))]
    }

    private func failure(_ header: RequestHeader, _ status: Int32, _ reason: String) -> Action {
        let answer = HTTPProxyAnswer(status: status, reason: reason, headers: [], body: ByteBuffer())
        return .send(.raw(.httpProxy, answering: header, answer))
    }

    /// 200, with the request as its body.
    private static func echo(_ request: HTTPProxyRequest) -> HTTPProxyAnswer {
        var body = ByteBuffer(string: "\(request.method) \(request.uri)\n")
        for header in request.headers { body.writeString("\(header.name): \(header.value)\n") }
        body.writeString("\n")
        body.writeImmutableBuffer(request.body)
        let type = HTTPProxyHeader(name: "Content-Type", value: "text/plain")
        return HTTPProxyAnswer(status: 200, reason: "OK", headers: [type], body: body)
    }
}

extension SimulatedSession {
    /// An ERROR, raw, after which the connection is closed.
    func refuse(
        _ header: RequestHeader, _ code: ReasonCode, _ reason: String, in registry: inout ServerRegistry
    ) -> [Action] {
        decline(header, code, reason, in: &registry) + [.close(.refusal)]
    }

    /// An ERROR, raw, after which the connection goes on.
    func decline(
        _ header: RequestHeader, _ code: ReasonCode, _ reason: String, in registry: inout ServerRegistry
    ) -> [Action] {
        registry.statistics.refusals += 1
        let answer = ErrorAnswer(command: header.command, code: code, reason: reason, data: "")
        return [.record(.refused(header.command, reason: reason)), .send(.raw(.error, answering: header, answer))]
    }
}
