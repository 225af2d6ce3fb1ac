import MPushModel
import MPushWire
import NIOCore

/// What the server says of its own, and its answers to requests (PROTOCOL.md sections 4.4 to 4.7).
extension SessionStateMachine {
    mutating func pushReceived(_ content: ByteBuffer, flags: PacketFlags, number: Int32) -> [SessionAction] {
        guard case .open = phase else {
            return close(.protocolError(detail: "a PUSH before the session was opened"))
        }
        let demand: ReceivedMessage.AckDemand =
            flags.contains(.autoAck) ? .whenStored : flags.contains(.bizAck) ? .whenConsumed : .never
        return [.deliver(ReceivedMessage(number: number, content: content, ackDemand: demand))]
    }

    /// A message that was delivered has come as far as `progress` says: acknowledges it where its sender waits for that.
    package func messageConfirmed(_ message: ReceivedMessage, _ progress: MessageProgress) -> [SessionAction] {
        guard case .open = phase else { return [] }
        switch (message.ackDemand, progress) {
        case (.whenStored, .stored), (.whenConsumed, .consumed):
            let ack = OutgoingMessage(
                command: .ack, sessionID: message.number, body: ByteBuffer(), protection: .raw)
            return [.send(ack)]
        case (.never, _), (.whenStored, .consumed), (.whenConsumed, .stored):
            return []
        }
    }

    mutating func okReceived(_ answer: OkAnswer, number: Int32, at now: Instant) -> [SessionAction] {
        // Binding another user is answered with two OKs of one number: UNBIND, which was not asked for, then BIND.
        guard let request = requests.answered(number, to: answer.command) else { return [] }
        switch request.purpose {
        case .bindSession(let identity): return bindAnswered(identity, at: now)
        case .unbind(let token): return unbound(at: now) + [.complete(token, .done)]
        case .push(let token), .http(let token): return [.complete(token, .done)]
        }
    }

    mutating func errorReceived(_ error: ErrorAnswer, number: Int32, at now: Instant) -> [SessionAction] {
        note(error)
        switch phase {
        case .resuming(number, _, _) where error.code == .sessionExpired || error.code == .invalidDevice:
            return resumeRefused(error, at: now)
        case .handshaking(number, _) where error.code == .dispatchError:
            return close(.handshake(.notDecrypted(reason: error.reason)))
        case .resuming(number, _, _) where error.code == .unsupportedCommand,
            .handshaking(number, _) where error.code == .unsupportedCommand:
            return close(.handshake(.noClientPort(reason: error.reason)))
        case .resuming(number, _, _), .handshaking(number, _):
            return close(.handshake(.refused(reason: error.reason, code: error.code.rawValue)))
        case .open where error.code == .sessionExpired || error.code == .invalidDevice:
            let actions = requestFailed(error, number: number, at: now)
            return actions.contains(.forgetTicket) ? actions : [.forgetTicket] + actions
        case .idle, .resuming, .handshaking, .open, .closed:
            return requestFailed(error, number: number, at: now)
        }
    }

    private mutating func requestFailed(
        _ error: ErrorAnswer, number: Int32, at now: Instant
    ) -> [SessionAction] {
        guard let request = requests.answered(number, to: error.command) else {
            let report = SessionReport.serverError(command: error.command, code: error.code, reason: error.reason)
            return complaint(report)
        }
        switch request.purpose {
        case .bindSession:
            return close(.bind(detail: "the server refused: \(error.reason) (code \(error.code.rawValue))"))
        case .http(let token) where error.code == .unsupportedCommand:
            return [.report(.httpProxyUnsupported), .complete(token, refusal(error))]
        case .unbind(let token): return unbindRefused(error, token, at: now)
        case .push(let token), .http(let token): return [.complete(token, refusal(error))]
        }
    }

    /// The user stays bound, unless the server stumbled: that is what it does where nobody is bound (PROTOCOL.md section 5).
    private mutating func unbindRefused(
        _ error: ErrorAnswer, _ token: RequestToken, at now: Instant
    ) -> [SessionAction] {
        if error.code == .dispatchError { return unbound(at: now) + [.complete(token, .done)] }
        if boundUser != nil { isUserWished = true }
        return [.complete(token, refusal(error))]
    }

    private func refusal(_ error: ErrorAnswer) -> RequestOutcome {
        .refused(code: error.code, reason: error.reason)
    }

    mutating func ackReceived(number: Int32) -> [SessionAction] {
        guard let request = requests.answered(number, to: .push) else { return [] }
        return [completion(of: request, with: .done)].compactMap(\.self)
    }

    mutating func httpAnswered(_ answer: HTTPProxyAnswer, number: Int32) -> [SessionAction] {
        guard let request = requests.answered(number, to: .httpProxy) else { return [] }
        return [completion(of: request, with: .httpAnswer(answer))].compactMap(\.self)
    }

    /// The server neither closes nor unbinds after a KICK: that is left to us. Whoever gave its user up has nothing to lose.
    mutating func kicked(_ kick: KickMessage) -> [SessionAction] {
        let isOurs =
            (kick.deviceID.isEmpty || kick.deviceID == settings.deviceID)
            && (kick.userID.isEmpty || kick.userID == identity.userID)
        guard isOurs else { return complaint(.kickForAnother(deviceID: kick.deviceID, userID: kick.userID)) }
        guard isUserWished else {
            setBound(nil)
            return complaint(.kickAfterUnbind(userID: identity.userID))
        }
        return close(.kicked)
    }

    /// A server that answered a later BIND before this left us without a user that is wished.
    private mutating func unbound(at now: Instant) -> [SessionAction] {
        setBound(nil)
        return [.report(.unbound)] + bindWhatIsWished(at: now)
    }

    private mutating func setBound(_ bound: SessionIdentity?) {
        guard case .open(var open) = phase else { return }
        open.bound = bound
        open.isBoundInDoubt = false
        phase = .open(open)
    }

    func completion(of request: RequestTable.Request, with outcome: RequestOutcome) -> SessionAction? {
        switch request.purpose {
        case .bindSession: nil
        case .unbind(let token), .push(let token), .http(let token): .complete(token, outcome)
        }
    }
}
