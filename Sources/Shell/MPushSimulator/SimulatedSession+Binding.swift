import MPushWire

/// BIND and UNBIND (PROTOCOL.md sections 4.3 and 5).
extension SimulatedSession {
    mutating func bindReceived(
        _ request: BindRequest, _ header: RequestHeader, in registry: inout ServerRegistry
    ) -> [Action] {
        guard !request.userID.isEmpty else { return refuse(header, .none, "invalid param", in: &registry) }
        guard !deviceID.isEmpty else { return refuse(header, .none, "not handshake", in: &registry) }
        if behaviour.refusesBind { return refuse(header, .none, "bind failed", in: &registry) }
        if user == request.userID {
            tags = request.tags
            return [.record(.bound(user: request.userID, tags: tags)), ok(header, "bind success")]
        }
        let unbound = user == nil ? [] : unbind(header, in: &registry)
        return unbound + bind(request, header, in: &registry)
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
