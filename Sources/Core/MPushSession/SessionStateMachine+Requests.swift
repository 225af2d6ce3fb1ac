package import MPushModel
package import MPushWire
package import NIOCore

/// What programs and operators ask of a session.
extension SessionStateMachine {
    /// The configured identity changed: binds again where user, tags or credential differ from what is bound. While a BIND
    /// awaits its answer the new one waits for it: only the last of several changes is sent. Where no user is wished the
    /// new one is bound once it is.
    package mutating func identityChanged(to new: SessionIdentity, at now: Instant) -> [SessionAction] {
        identity = new
        return bindWhatIsWished(at: now)
    }

    /// A user is wished, `new` or else the one before: binds it where it is not bound. Before the session is open that is
    /// done when it is.
    package mutating func bindRequested(as new: SessionIdentity? = nil, at now: Instant) -> [SessionAction] {
        identity = new ?? identity
        isUserWished = true
        return bindWhatIsWished(at: now)
    }

    /// No user is wished until `bindRequested`. One at a time: the server closes at an UNBIND that finds nobody bound. What
    /// is not sent, or is refused, changes nothing.
    package mutating func unbindRequested(_ token: RequestToken, at now: Instant) -> [SessionAction] {
        switch phase {
        case .closed:
            // For the connection after this one.
            isUserWished = false
            return [.complete(token, .notConnected)]
        case .idle, .resuming, .handshaking:
            isUserWished = false
            return [.complete(token, .done)]
        case .open(let open):
            guard !requests.contains(.bind), !requests.contains(.unbind) else { return [.complete(token, .tooMany)] }
            guard let bound = open.bound else { return [.complete(token, .done)] }
            let body = BindRequest(userID: bound.userID, data: SecretBytes([]), tags: "")
            let actions = request(
                .unbind(token), token, .unbind, [], body.encoded, isAnswered: true, retries: 0, at: now)
            isUserWished = !requests.contains(.unbind)
            return actions
        }
    }

    /// Sends a message upstream. With `isAcknowledged` the outcome awaits the server's ACK; a push is never repeated,
    /// because the server would take it for another one.
    package mutating func pushRequested(
        _ token: RequestToken, content: ByteBuffer, isAcknowledged: Bool, at now: Instant
    ) -> [SessionAction] {
        request(
            .push(token), token, .push, isAcknowledged ? .autoAck : [], content, isAnswered: isAcknowledged,
            retries: 0, at: now)
    }

    /// Has the server make an HTTP request. Only a GET is repeated when no answer comes.
    package mutating func httpRequested(
        _ token: RequestToken, _ http: HTTPProxyRequest, at now: Instant
    ) -> [SessionAction] {
        request(
            .http(token), token, .httpProxy, [], http.encoded, isAnswered: true,
            retries: http.method == .get ? settings.requestRetries : 0, at: now)
    }

    private mutating func request(
        _ purpose: RequestTable.Purpose, _ token: RequestToken, _ command: Command, _ flags: PacketFlags,
        _ body: ByteBuffer, isAnswered: Bool, retries: Int, at now: Instant
    ) -> [SessionAction] {
        guard case .open(let open) = phase, open.isReady else { return [.complete(token, .notConnected)] }
        let sealedLength = sealedLength(of: body)
        guard sealedLength <= settings.maximumSend else {
            return [.complete(token, .tooLong(bytes: sealedLength, maximum: settings.maximumSend))]
        }
        guard !requests.isFull else { return [.complete(token, .tooMany)] }
        let message = OutgoingMessage(
            command: command, flags: flags, sessionID: takeRequestNumber(), body: body, protection: .aes)
        guard isAnswered else { return [.send(message), .complete(token, .done)] }
        requests.add(
            RequestTable.Request(
                purpose: purpose, message: message, timeout: settings.requestTimeout, triesLeft: retries,
                due: now + settings.requestTimeout))
        return [.send(message)]
    }

    /// The length of `body` once it is encrypted: AES fills up to the next multiple of 16 that is greater. A body that
    /// compression would shorten is measured as it is.
    private func sealedLength(of body: ByteBuffer) -> Int {
        let length = body.readableBytes
        return length == 0 ? 0 : (length / CipherKeys.length + 1) * CipherKeys.length
    }

    /// Sends again, or gives up, what was not answered in time.
    mutating func overdueRequests(at now: Instant) -> [SessionAction] {
        var actions: [SessionAction] = []
        while case .open = phase, let (request, isOver) = requests.overdue(at: now) {
            guard isOver else {
                actions.append(.send(request.message))
                continue
            }
            if case .bindSession = request.purpose {
                return actions
                    + close(.bind(detail: "no answer to BIND within \(settings.bindTimeout.humanReadable) at any try"))
            }
            if case .unbind = request.purpose, case .open(var open) = phase {
                open.isBoundInDoubt = true
                phase = .open(open)
            }
            actions += [completion(of: request, with: .timedOut(after: request.timeout))].compactMap(\.self)
        }
        return actions
    }
}
