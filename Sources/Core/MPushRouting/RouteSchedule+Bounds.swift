package import MPushModel

/// What an operator bounds: whether anything is handed over at all, and how much of it in a minute.
extension RouteSchedule {
    /// An operator wants nothing handed over, or nil: wants it again, and then one message is tried at once also where the
    /// target was seen to be down. What is under way ends as it does.
    package mutating func suspended(_ pause: RoutePause?, at now: Instant) -> [Action] {
        suspension = pause.map { RouteSchedule.suspension($0, from: now) }
        if suspension == nil, health.isDown { heldUntil = nil }
        return proceed([], at: now)
    }

    /// What is left of the operator's wish; nil for none.
    package func pause(at now: Instant) -> RoutePause? {
        switch suspension {
        case .untilResumed?: .untilResumed
        case .until(let end)?: end > now ? .lasting(end - now) : nil
        case nil: nil
        }
    }

    /// What the route is doing.
    package func state(at now: Instant) -> RouteState {
        if pause(at: now) != nil { return .paused }
        if health.isDown { return .down }
        if running > 0 { return .working }
        if limitedUntil != nil { return .limited }
        if nextAttempt != nil { return .retrying }
        return waiting > 0 ? .working : .idle
    }

    static func suspension(_ pause: RoutePause, from now: Instant) -> Suspension {
        switch pause {
        case .untilResumed: .untilResumed
        case .lasting(let time): .until(now + time)
        }
    }

    mutating func endSuspension(at now: Instant) {
        if case .until(let end)? = suspension, end <= now { suspension = nil }
    }

    /// Whether this minute has room for one more attempt, those counted that are about to begin.
    func mayStart(at now: Instant) -> Bool {
        guard let most = settings.mostPerMinute else { return true }
        return starts.total(at: now) + returned.busy - returned.running < most
    }
}
