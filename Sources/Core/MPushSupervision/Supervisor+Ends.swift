package import MPushModel

/// What the end of a connection, wished for or not, leads to.
extension Supervisor {
    /// Why, and when, a connection or attempt ended.
    package struct End: Equatable, Sendable {
        package let cause: LossCause
        package let at: Instant
    }

    mutating func lost(
        _ cause: LossCause, from endpoint: Endpoint, boundFor: Duration, at now: Instant
    ) -> [SupervisorAction] {
        lastEnd = End(cause: cause, at: now)
        if boundFor >= policy.resetAfter { jitter.reset() }
        if case .kicked = cause { return afterKick(from: endpoint, boundFor: boundFor, at: now) }
        digest.connectionLost(at: now)
        round.lost(endpoint, isFlapping: boundFor < policy.resetAfter && !cause.isNetworkChange)
        let wait = waitAfter(cause, at: now)
        return [.report(.lost(cause, from: endpoint, boundFor: boundFor, next: wait))]
    }

    mutating func afterKick(
        from endpoint: Endpoint, boundFor: Duration, at now: Instant
    ) -> [SupervisorAction] {
        lastEnd = End(cause: .kicked, at: now)
        switch policy.onKick {
        case .wait(let wait):
            state = .waiting(until: now + wait, cause: .kicked)
            return [.report(.lost(.kicked, from: endpoint, boundFor: boundFor, next: wait))]
        case .stop:
            state = .stopped(.kicked)
            return [
                .report(.lost(.kicked, from: endpoint, boundFor: boundFor, next: nil)), .report(.stopped(.kicked)),
            ]
        }
    }

    mutating func afterMootKick(
        from endpoint: Endpoint, boundFor: Duration, at now: Instant
    ) -> [SupervisorAction] {
        lastEnd = End(cause: .kicked, at: now)
        return [.report(.lost(.kicked, from: endpoint, boundFor: boundFor, next: .zero))] + beginRound(at: now)
    }

    mutating func close(
        _ endpoint: Endpoint, boundSince: Instant?, _ cause: LossCause, next: SupervisorState.AfterClosing,
        at now: Instant
    ) -> [SupervisorAction] {
        state = .closing(endpoint, boundSince: boundSince, cause, next: next)
        limit = now + policy.closingLimit
        return [.close(cause)]
    }

    mutating func closed(
        _ endpoint: Endpoint, boundFor: Duration?, _ cause: LossCause, next: SupervisorState.AfterClosing,
        at now: Instant
    ) -> [SupervisorAction] {
        if boundFor ?? .zero >= policy.resetAfter { jitter.reset() }
        let report: [SupervisorAction] =
            boundFor.map {
                [.report(.lost(cause, from: endpoint, boundFor: $0, next: next == .reconnect ? .zero : nil))]
            }
            ?? []
        switch next {
        case .reconnect: return report + beginRound(at: now)
        case .pause: state = .paused
        case .stop: state = .stopped(.localStop)
        }
        return report
    }

    /// Ends what is under way for `cause`; `next` is `pause` or `stop`.
    mutating func end(
        _ cause: LossCause, then next: SupervisorState.AfterClosing, at now: Instant
    ) -> [SupervisorAction] {
        switch state {
        case .attempting(let endpoint): return close(endpoint, boundSince: nil, cause, next: next, at: now)
        case .online(let endpoint, let since): return close(endpoint, boundSince: since, cause, next: next, at: now)
        case .closing(_, _, _, .stop), .stopped(.localStop): break
        case .closing(let endpoint, let since, let first, _):
            state = .closing(endpoint, boundSince: since, first, next: next)
        case .idle, .paused, .noNetwork, .waiting, .allocating, .stopped:
            state = next == .pause ? .paused : .stopped(cause)
        }
        return []
    }
}
