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
        let message = ReceivedMessage(number: number, content: content, ackDemand: demand)
        return [.deliver(message, user: binding.recipient)]
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
        // Binding another user is answered with two OKs of one number: of the UNBIND that was not asked for, and of BIND.
        if case .bind? = requests.request(number)?.purpose, answer.isOfUnbind {
            carryover.binding.previousUnbound()
            return []
        }
        guard let request = requests.answered(number, to: answer.command) else {
            return isLateUnbind(answer, number) ? unboundLate() + reconcile(at: now) : []
        }
        switch request.purpose {
        case .bind: return bindAnswered(request, at: now)
        case .unbind: return unbound() + reconcile(at: now)
        case .push(let token), .http(let token): return [.complete(token, .done)]
        }
    }

    mutating func errorReceived(_ error: ErrorAnswer, number: Int32, at now: Instant) -> [SessionAction] {
        note(error)
        switch phase {
        case .resuming(number, _, let otherwise)
        where error.code == .sessionExpired || error.code == .invalidDevice:
            return resumeRefused(error, otherwise: otherwise, at: now)
        case .handshaking(number, _, _) where error.code == .dispatchError:
            return close(.handshake(.notDecrypted(reason: error.reason)))
        case .resuming(number, _, _) where error.code == .unsupportedCommand,
            .handshaking(number, _, _) where error.code == .unsupportedCommand:
            return close(.handshake(.noClientPort(reason: error.reason)))
        case .resuming(number, _, _), .handshaking(number, _, _):
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
            if case .open(let open) = phase, open.lastRebind == number, error.command == .bind,
                let bound = binding.bound
            {
                return bindRefused(bound, error)
            }
            let report = SessionReport.serverError(command: error.command, code: error.code, reason: error.reason)
            return complaint(report)
        }
        switch request.purpose {
        case .bind:
            guard case .bind(let identity)? = binding.underWay else { return [] }
            return bindRefused(identity, error)
        case .http(let token) where error.code == .unsupportedCommand:
            if let endpoint { carryover.httpProxyRefusals.refused(by: endpoint, at: now) }
            return [.report(.httpProxyUnsupported), .complete(token, refusal(error))]
        case .unbind: return unbindRefused(error, at: now)
        case .push(let token), .http(let token): return [.complete(token, refusal(error))]
        }
    }

    /// The server does not take the user, and closes. What it says of an operator's user ends that wish.
    private mutating func bindRefused(_ identity: SessionIdentity, _ error: ErrorAnswer) -> [SessionAction] {
        let refusal = carryover.binding.bindRefused(identity, with: refusal(error))
        let text = "\(error.reason) (code \(error.code.rawValue))"
        return report(refusal, reason: text) + close(.bind(detail: "the server refused: \(text)"))
    }

    func report(_ refusal: UserBinding.Refusal, reason: String) -> [SessionAction] {
        let report = refusal.dropped.map {
            SessionReport.userDropped($0, reason: reason, instead: (binding.wished ?? binding.configured).userID)
        }
        return (report.map { [.report($0)] } ?? []) + completions(refusal.completions)
    }

    /// The user stays bound, unless the server stumbled: that is what it does where nobody is bound, and then it closes
    /// (PROTOCOL.md section 5). A BIND that is sent to it yet would seem to be what it closes at.
    private mutating func unbindRefused(_ error: ErrorAnswer, at now: Instant) -> [SessionAction] {
        if error.code == .dispatchError { return unbound() + close(.closedByPeer(detail: lastServerError)) }
        return completions(carryover.binding.unbindRefused(refusal(error))) + reconcile(at: now)
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

    /// The server neither closes nor unbinds after a KICK: that is left to us. Whoever gave its user up, or is about to be
    /// another, has nothing to lose.
    mutating func kicked(_ kick: KickMessage) -> [SessionAction] {
        let known = [binding.wished?.userID, binding.bound?.userID, binding.recipient, binding.configured.userID]
        let user = kick.userID.isEmpty ? known.lazy.compactMap(\.self).first ?? "" : kick.userID
        guard kick.deviceID.isEmpty || kick.deviceID == settings.deviceID, known.contains(user) else {
            return complaint(.kickForAnother(deviceID: kick.deviceID, userID: kick.userID))
        }
        if user == binding.wished?.userID { return closeForKick(of: user) }
        if binding.wished != nil, binding.bound?.userID != user {
            return complaint(.kickForAnother(deviceID: kick.deviceID, userID: kick.userID))
        }
        carryover.binding.userTaken()
        return complaint(.kickAfterUnbind(userID: user))
    }

    private mutating func unbound() -> [SessionAction] {
        [.report(.unbound)] + completions(carryover.binding.unbindConfirmed())
    }

    private mutating func unboundLate() -> [SessionAction] {
        [.report(.unbound)] + completions(carryover.binding.unbindConfirmedLate())
    }

    /// Whether that answers an UNBIND that was given up, and says something new. What was sent since is answered after it.
    private func isLateUnbind(_ answer: OkAnswer, _ number: Int32) -> Bool {
        guard case .open(let open) = phase, answer.command == .unbind else { return false }
        return open.unansweredUnbinds.contains(number) && binding.bound != nil
    }

    func completion(of request: RequestTable.Request, with outcome: RequestOutcome) -> SessionAction? {
        switch request.purpose {
        case .bind, .unbind: nil
        case .push(let token), .http(let token): .complete(token, outcome)
        }
    }
}

extension OkAnswer {
    /// Whether it confirms that nobody is bound any more, be it as the first step of a BIND: then its command is BIND all the
    /// same, and only the text tells (PROTOCOL.md section 5).
    fileprivate var isOfUnbind: Bool { command == .unbind || (command == .bind && data == "unbind success") }
}
