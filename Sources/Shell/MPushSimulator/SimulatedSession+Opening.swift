import MPushSecret
package import MPushTime
package import MPushWire

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
