import MPushModel

/// What comes next.
extension RouteSchedule {
    mutating func returnedEnded(_ position: Position, _ result: AttemptResult, at now: Instant) -> [Action] {
        guard var entry = returned[position] else { return [] }
        switch result {
        case .confirmed:
            returned[position] = nil
            return proceed([.record([.consumed(position), .settled(position)]), .forget(position)], at: now)
        case .abandoned, .postponed:
            returned.set(.waiting, of: position)
            returnedQueue.set(now, for: position)
            return proceed([.forget(position)], at: now)
        case .failed(let reason, let retryAfter) where entry.attempts + 1 < settings.retry.attempts:
            _ = reason
            entry.attempts += 1
            entry.phase = .waiting
            let wait = wait(after: entry.attempts, retryAfter, at: now)
            returned[position] = entry
            returnedQueue.set(now + wait, for: position)
            let change = ConsumerChange.attempted(position, attempts: entry.attempts, wait: wait)
            return proceed([.record([change]), .forget(position)], at: now)
        case .failed(let reason, _), .rejected(let reason):
            returned[position] = nil
            let change = ConsumerChange.buried(position, attempts: entry.attempts + 1, reason: reason)
            return proceed([.record([change]), .forget(position)], at: now)
        }
    }

    /// Everything that can go on goes on.
    mutating func proceed(_ actions: [Action], at now: Instant) -> [Action] {
        var actions = actions
        releaseHold(at: now)
        if let after = fetchAfter, after <= now { fetchAfter = nil }
        startDue(&actions, at: now)
        fetch(&actions)
        record(&actions, at: now)
        setDeadline(&actions, at: now)
        return actions
    }

    /// Nothing is started.
    var isHeld: Bool { heldUntil != nil || isPaused || isStopped }

    mutating func releaseHold(at now: Instant) {
        if let until = heldUntil, until <= now { heldUntil = nil }
    }

    private mutating func startDue(_ actions: inout [Action], at now: Instant) {
        var slots =
            settings.concurrency - window.count { $0.phase == .running }
            - returned.busy
        while slots > 0, !isHeld {
            let next = nextInWindow(at: now)
            let hasReturned = fetchAfter == nil && returnedQueue.earliest.map { $0 <= now } ?? false
            // In turns, so that neither a thousand dead letters nor a busy sender keep the others waiting.
            if hasReturned, next == nil || !lastStartedWasReturned, let position = returnedQueue.popDue(at: now) {
                lastStartedWasReturned = true
                returned.set(.fetching, of: position)
                actions.append(.fetchReturned(position))
            } else if let next {
                lastStartedWasReturned = false
                window[next].phase = .running
                actions.append(.start(window[next].position, attempt: window[next].attempts + 1))
            } else {
                return
            }
            slots -= 1
        }
    }

    private func nextInWindow(at now: Instant) -> Int? {
        let candidates = settings.concurrency == 1 ? window.prefix(1) : window[...]
        return candidates.firstIndex { entry in
            switch entry.phase {
            case .ready: true
            case .running: false
            case .waiting(let until): until <= now
            }
        }
    }

    /// When the next in the window is due; nil where none waits, or one is ready or runs that the others wait for.
    var windowDue: Instant? {
        let candidates = settings.concurrency == 1 ? window.prefix(1) : window[...]
        return candidates.compactMap { if case .waiting(let until) = $0.phase { until } else { nil } }.min()
    }

    private mutating func fetch(_ actions: inout [Action]) {
        let room = RouteSchedule.mostMessages - window.count
        guard !isFetching, !isStopped, fetchAfter == nil, readTo < newest, room >= RouteSchedule.mostMessages / 2,
            windowBytes < RouteSchedule.mostBytes,
            // With nothing in the window it is the next ones alone that let go of what is settled ahead of them.
            window.isEmpty || settledAhead.count < RouteSchedule.mostAhead
        else { return }
        isFetching = true
        newestWhenAsked = newest
        actions.append(.fetch(after: readTo, limit: room))
    }

    private mutating func record(_ actions: inout [Action], at now: Instant) {
        guard cursor > recordedCursor else {
            recordDue = nil
            return
        }
        let due = recordDue ?? now + RouteSchedule.recordDelay
        recordDue = due
        guard isStopped || due <= now || cursor.rawValue - recordedCursor.rawValue >= RouteSchedule.mostUnrecorded
        else { return }
        actions.append(.record(advance()))
    }

    private mutating func setDeadline(_ actions: inout [Action], at now: Instant) {
        var moments = [recordDue]
        if !isStopped {
            moments.append(fetchAfter)
            moments.append(heldUntil)
            if !isPaused, heldUntil == nil {
                moments.append(windowDue.flatMap { $0 > now ? $0 : nil })
                moments.append(returnedQueue.earliest.flatMap { $0 > now ? $0 : nil })
            }
        }
        let next = moments.compactMap(\.self).min()
        guard next != deadline else { return }
        deadline = next
        actions.append(.setDeadline(next))
    }
}
