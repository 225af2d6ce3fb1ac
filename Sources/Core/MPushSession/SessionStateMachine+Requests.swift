package import MPushModel
package import MPushWire
package import NIOCore

/// What programs and operators ask of a session.
extension SessionStateMachine {
    /// The configuration was read: binds again where user, tags or credential differ from what is bound, unless an operator
    /// wants nobody bound. Where the connection `isLeft`, its server does not hear who comes next: one that is not trusted any
    /// more must not see the credential. `maximumSend` holds from here on, nil for the one of before.
    package mutating func configurationRead(
        _ new: SessionIdentity, maximumSend: Int? = nil, isLeft: Bool = false, at now: Instant
    ) -> [SessionAction] {
        if let maximumSend { settings.maximumSend = maximumSend }
        return completions(carryover.configurationRead(new)) + (isLeft ? [] : reconcile(at: now))
    }

    /// An operator wants `user` bound, nil for the configured one, with `tags`, nil for the configured ones. The outcome is
    /// the server's; where there is no connection, the next one binds so.
    package mutating func bindRequested(
        _ token: RequestToken, user: String? = nil, tags: [String]? = nil, at now: Instant
    ) -> [SessionAction] {
        let ended = carryover.binding.bindRequested(
            token, user: user, tags: tags, maximumSend: settings.maximumSend)
        return completions(ended) + reconcile(at: now)
    }

    /// An operator wants other tags for the user that is wished.
    package mutating func tagsRequested(
        _ token: RequestToken, _ tags: [String], at now: Instant
    ) -> [SessionAction] {
        completions(carryover.binding.tagsRequested(token, tags, maximumSend: settings.maximumSend))
            + reconcile(at: now)
    }

    /// An operator wants nobody bound until a user is asked for.
    package mutating func unbindRequested(_ token: RequestToken, at now: Instant) -> [SessionAction] {
        completions(carryover.binding.unbindRequested(token)) + reconcile(at: now)
    }

    /// Sends a message upstream. With `isAcknowledged` the outcome awaits the server's ACK; a push is never repeated,
    /// because the server would take it for another one. `sealedLength` is that of its body on the wire, where it is
    /// compressed before it is sent.
    package mutating func pushRequested(
        _ token: RequestToken, content: ByteBuffer, isAcknowledged: Bool, sealedLength: Int? = nil, at now: Instant
    ) -> [SessionAction] {
        request(
            .push(token), token, .push, isAcknowledged ? .autoAck : [], content, sealedLength: sealedLength,
            isAnswered: isAcknowledged, timeout: settings.requestTimeout, retries: 0, at: now)
    }

    /// Has the server make an HTTP request. Only a GET is repeated when no answer comes. A server that is known not to do it
    /// is not asked: it would close the connection.
    package mutating func httpRequested(
        _ token: RequestToken, _ http: HTTPProxyRequest, sealedLength: Int? = nil, at now: Instant
    ) -> [SessionAction] {
        if let endpoint, carryover.httpProxyRefusals.holds(endpoint, at: now) {
            let reason = "the server makes no HTTP requests for clients"
            return [.complete(token, .refused(code: .unsupportedCommand, reason: reason))]
        }
        return request(
            .http(token), token, .httpProxy, [], http.encoded, sealedLength: sealedLength, isAnswered: true,
            timeout: settings.httpTimeout, retries: http.method == .get ? settings.requestRetries : 0, at: now)
    }

    /// Whether `body` is too long as it is, so that it matters how long it is once compressed.
    package func exceedsMaximum(_ body: ByteBuffer) -> Bool {
        OutgoingMessage.sealedLength(of: body) > settings.maximumSend
    }

    private mutating func request(
        _ purpose: RequestTable.Purpose, _ token: RequestToken, _ command: Command, _ flags: PacketFlags,
        _ body: ByteBuffer, sealedLength: Int?, isAnswered: Bool, timeout: Duration, retries: Int, at now: Instant
    ) -> [SessionAction] {
        guard case .open(var open) = phase, open.isReady else { return [.complete(token, .notConnected)] }
        let sealedLength = sealedLength ?? OutgoingMessage.sealedLength(of: body)
        guard sealedLength <= settings.maximumSend else {
            return [.complete(token, .tooLong(bytes: sealedLength, maximum: settings.maximumSend))]
        }
        guard !requests.isFull else { return [.complete(token, .tooMany)] }
        let message = OutgoingMessage(
            command: command, flags: flags, sessionID: takeRequestNumber(), body: body, protection: .aes)
        guard isAnswered else { return [.send(message), .complete(token, .done)] }
        requests.add(
            RequestTable.Request(
                purpose: purpose, message: message, timeout: timeout, triesLeft: retries, due: now + timeout))
        open.health.requestSent(bytes: sealedLength, at: now)
        phase = .open(open)
        return [.send(message)]
    }

    /// Sends again, or gives up, what was not answered in time.
    mutating func overdueRequests(at now: Instant) -> [SessionAction] {
        var actions: [SessionAction] = []
        while case .open = phase, let (request, isOver) = requests.overdue(at: now) {
            guard isOver else {
                actions.append(.send(request.message))
                continue
            }
            switch request.purpose {
            case .bind:
                let reason = "no answer to BIND within \(settings.bindTimeout.humanReadable) at any try"
                return actions + close(.bind(detail: reason))
            case .unbind:
                if case .open(var open) = phase {
                    open.unansweredUnbinds = open.unansweredUnbinds.suffix(7) + [request.message.sessionID]
                    phase = .open(open)
                }
                actions += completions(carryover.binding.unbindUnanswered(.timedOut(after: request.timeout)))
                actions += reconcile(at: now)
            case .push(let token), .http(let token):
                actions.append(.complete(token, .timedOut(after: request.timeout)))
            }
        }
        return actions
    }
}
