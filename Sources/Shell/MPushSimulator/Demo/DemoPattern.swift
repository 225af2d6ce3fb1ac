package import MPushWire

/// What an observation must be like.
package enum DemoPattern: Equatable, Sendable {
    // What the server saw.
    case secured(isResumed: Bool)
    case handshaken
    case resumed
    case bound(user: String)
    case heartbeat
    case acknowledged
    case refused(Command)
    case closed(CloseReason)

    // What mpushd wrote: a line with these fragments, in this order.
    case log([String])
    case message([String])

    package func matches(_ observation: DemoObservation) -> Bool {
        switch (self, observation) {
        case (.log(let fragments), .log(let line)): line.text.contains(inOrder: fragments)
        case (.message(let fragments), .message(let line)): line.contains(inOrder: fragments)
        case (_, .server(let event)): matches(event.kind)
        case (_, .log), (_, .message): false
        }
    }

    private func matches(_ kind: SimulatorEvent.Kind) -> Bool {
        switch (self, kind) {
        case (.secured(let expected), .secured(_, let isResumed)): expected == isResumed
        case (.handshaken, .handshaken), (.resumed, .resumed), (.heartbeat, .heartbeat): true
        case (.acknowledged, .acknowledged): true
        case (.bound(let expected), .bound(let user, _)): expected == user
        case (.refused(let expected), .refused(let command, _)): expected == command
        case (.closed(let expected), .closed(let reason)): expected == reason
        default: false
        }
    }
}

extension String {
    fileprivate func contains(inOrder fragments: [String]) -> Bool {
        var rest = self[...]
        for fragment in fragments {
            guard let range = rest.firstRange(of: fragment) else { return false }
            rest = rest[range.upperBound...]
        }
        return true
    }
}
