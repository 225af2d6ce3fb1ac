import MPushInbox
import MPushRouting
import MPushTime

extension RouteSchedule.Past {
    /// What the inbox knows of a route. A wait that outlived the process is held against the wall clock, which may have been
    /// set: it is never longer than `longestWait`.
    init(_ state: ConsumerState, at now: Instant, wall: WallTime, longestWait: Duration) {
        self.init(
            cursor: state.cursor.rawValue, settledAhead: state.settledAhead.map(\.rawValue),
            attempted: state.attempted.map { attempted in
                let left = attempted.retryAt.millisecondsSince1970.subtractingReportingOverflow(
                    wall.millisecondsSince1970)
                let wait = left.overflow ? Duration.zero : .milliseconds(left.partialValue)
                return Attempted(
                    position: attempted.position.rawValue, attempts: attempted.attempts,
                    due: now + min(max(.zero, wait), longestWait))
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
