import MPushInbox
import MPushModel
import MPushRouting

extension RouteSchedule.Past {
    /// What the inbox knows of a route. A wait that outlived the process is never longer than `longestWait`.
    init(_ state: ConsumerState, at now: Instant, longestWait: Duration) {
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
