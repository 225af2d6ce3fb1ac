import MPushCause
import MPushTime
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
        case .unbind(let token): return unbound() + [.complete(token, .done)]
        case .push(let token), .http(let token): return [.complete(token, .done)]
        }
    }

    mutating func errorReceived(_ error: ErrorAnswer, number: Int32, at now: Instant) -> [SessionAction] {
        note(error)
        switch phase {
        case .resuming(number, _, _) where error.code == .sessionExpired || error.code == .invalidDevice:
            return resumeRefused(error, at: now)
        case .resuming(number, _, _), .handshaking(number, _):
            return close(.handshake(detail: "the server refused: \(error.reason) (code \(error.code.rawValue))"))
        case .open where error.code == .sessionExpired || error.code == .invalidDevice:
            let actions = requestFailed(error, number: number)
            return actions.contains(.forgetTicket) ? actions : [.forgetTicket] + actions
        case .idle, .resuming, .handshaking, .open, .closed:
            return requestFailed(error, number: number)
        }
    }

    private mutating func requestFailed(_ error: ErrorAnswer, number: Int32) -> [SessionAction] {
        guard let request = requests.answered(number, to: error.command) else {
            let report = SessionReport.serverError(command: error.command, code: error.code, reason: error.reason)
            return complaint(report)
        }
        switch request.purpose {
        case .bindSession:
            return close(.bind(detail: "the server refused: \(error.reason) (code \(error.code.rawValue))"))
        case .http(let token) where error.code == .unsupportedCommand:
            return [.report(.httpProxyUnsupported), .complete(token, refusal(error))]
        case .unbind(let token), .push(let token), .http(let token):
            return [.complete(token, refusal(error))]
        }
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

    /// The server neither closes nor unbinds after a KICK: that is left to us.
    mutating func kicked(_ kick: KickMessage) -> [SessionAction] {
        let isOurs =
            (kick.deviceID.isEmpty || kick.deviceID == settings.deviceID)
            && (kick.userID.isEmpty || kick.userID == identity.userID)
        return isOurs
            ? close(.kicked) : complaint(.kickForAnother(deviceID: kick.deviceID, userID: kick.userID))
    }

    private mutating func unbound() -> [SessionAction] {
        guard case .open(var open) = phase else { return [] }
        open.bound = nil
        phase = .open(open)
        return [.report(.unbound)]
    }

    func completion(of request: RequestTable.Request, with outcome: RequestOutcome) -> SessionAction? {
        switch request.purpose {
        case .bindSession: nil
        case .unbind(let token), .push(let token), .http(let token): .complete(token, outcome)
        }
    }
}
