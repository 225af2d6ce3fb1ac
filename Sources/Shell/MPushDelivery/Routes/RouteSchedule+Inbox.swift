import MPushInbox
import MPushJSON
import MPushModel
import MPushRouting
import MPushSystemd
import NIOCore

extension RouteSchedule.Past {
    /// What the inbox knows of a route. A wait that outlived the process is never longer than `longestWait`.
    init(_ state: ConsumerProgress, at now: Instant, longestWait: Duration) {
        self.init(
            cursor: state.cursor.rawValue, settledAhead: state.settledAhead.map(\.rawValue),
            attempted: state.attempted.map { attempted in
                Attempted(
                    position: attempted.position.rawValue, attempts: attempted.attempts,
                    due: now + min(max(.zero, attempted.wait), longestWait))
            },
            returned: state.returned.map(\.rawValue))
    }
}

extension RouteSchedule.Result {
    init(_ result: AttemptResult) {
        self =
            switch result {
            case .confirmed: .confirmed
            case .failed(let reason, let retryAfter): .failed(reason, retryAfter: retryAfter)
            case .rejected(let reason): .rejected(reason)
            case .abandoned: .abandoned
            }
    }
}

extension RoutedMessage {
    /// What filters and templates can know of `message`: its content and its JSON only where they look at them.
    init(_ message: StoredMessage, needsContent: Bool, needsJSON: Bool) {
        let bytes = message.content.readableBytesView
        self.init(
            id: message.id, identity: message.identity, user: message.user, type: message.type,
            received: message.received.rfc3339, content: needsContent ? Array(bytes) : [],
            json: needsJSON ? try? JSONParser.parse(bytes) : nil)
    }
}

extension RouteFilter {
    /// Whether a route with this filter wants `message`.
    func wants(_ message: StoredMessage) -> Bool {
        if self == RouteFilter() { return true }
        return accepts(RoutedMessage(message, needsContent: content != nil, needsJSON: needsJSON))
    }
}

extension ConsumerChange {
    /// The change as the inbox has it.
    init(_ change: RouteSchedule.Change) {
        self =
            switch change {
            case .advanced(let position): .advanced(to: MessagePosition(rawValue: position))
            case .settled(let position): .settled(MessagePosition(rawValue: position))
            case .consumed(let position): .consumed(MessagePosition(rawValue: position))
            case .attempted(let position, let attempts, let wait):
                .attempted(MessagePosition(rawValue: position), attempts: attempts, wait: wait)
            case .buried(let position, let attempts, let reason):
                .buried(MessagePosition(rawValue: position), attempts: attempts, reason: reason)
            }
    }
}
