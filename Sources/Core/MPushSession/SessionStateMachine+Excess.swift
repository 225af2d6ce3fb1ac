package import MPushModel
package import MPushWire

/// By how much something that came is over a limit of ours.
package enum SizeExcess: Error, Equatable, Sendable {
    /// As it stood on the wire.
    case body(bytes: Int, maximum: Int)
    /// Once inflated; how long it would be was not found out.
    case inflated(maximum: Int)

    /// What it has and which key allows how much, to stand after "it is too long:".
    package var sentence: String {
        switch self {
        case .body(let bytes, let maximum): "\(bytes) bytes, and limits.max_body is \(maximum)"
        case .inflated(let maximum): "it inflates to more than limits.max_inflated, which is \(maximum)"
        }
    }
}

/// What is too long for us costs itself alone: one message, or one answer.
extension SessionStateMachine {
    /// A frame came whose body is too long to be looked at. A message is neither handed on nor acknowledged.
    package mutating func bodyRefused(
        _ command: Command, number: Int32, _ excess: SizeExcess, at now: Instant
    ) -> [SessionAction] {
        switch phase {
        case .closed: return []
        case .open: break
        case .idle, .resuming, .handshaking: return close(.protocolError(detail: "\(command): \(excess.sentence)"))
        }
        serverSpoke()
        switch command {
        case .push: return complaint(.messageTooLong(excess))
        case .httpProxy:
            guard let request = requests.answered(number, to: .httpProxy) else { return [] }
            return [completion(of: request, with: .answerTooLong(excess))].compactMap(\.self)
        default: return close(.protocolError(detail: "\(command): \(excess.sentence)"))
        }
    }
}
