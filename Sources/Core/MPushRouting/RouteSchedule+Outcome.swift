package import MPushModel

/// What the end of an attempt means: for its message, for the target, and for the messages that failed before.
extension RouteSchedule {
    /// Since when the target is seen to be down, and messages wait for it; nil while it is not.
    package var targetDownSince: Instant? { health.downSince }

    /// An attempt is over.
    package mutating func attemptEnded(_ position: Position, _ result: AttemptResult, at now: Instant) -> [Action] {
        noteShortage(result, at: now)
        if result == .confirmed { growBatches() }
        return proceed(ended(position, result, at: now), at: now)
    }

    /// What the end of an attempt at one message means, before anything else is begun.
    mutating func ended(_ position: Position, _ result: AttemptResult, at now: Instant) -> [Action] {
        let isProbe = probeBehind.probe == position
        if isProbe { probeBehind.probe = nil }
        if let entry = returned[position], entry.phase == .running {
            let actions = result == .confirmed ? targetIsWell(entry.number, isProbe: false, at: now) : []
            return actions + returnedEnded(entry, position, result, at: now)
        }
        guard let index = index(of: position), window[index].phase == .running else { return [] }
        let actions = result == .confirmed ? targetIsWell(window[index].number, isProbe: isProbe, at: now) : []
        return actions + windowEnded(position, result, isProbe: isProbe, at: now)
    }

    /// What one message wants, the next one wants too: all wait until there may be some again.
    mutating func noteShortage(_ result: AttemptResult, at now: Instant) {
        switch result {
        case .confirmed, .failed, .rejected, .unavailable: shortageBackoff.reset()
        case .abandoned: break
        case .postponed:
            guard heldUntil.map({ $0 <= now }) ?? true else { return }
            heldUntil = now + shortageBackoff.next(using: &random)
        }
    }

    /// A message was confirmed: the wait for the target ends, and messages that have used up their attempts are given up, where
    /// it is seen now that they failed for themselves; those that failed `together` with it in one batch did so. Where nothing
    /// was confirmed between their failures the target may have been down for all of them, and one more attempt decides.
    mutating func targetIsWell(
        _ number: UInt64, together: Set<Position> = [], isProbe: Bool, at now: Instant
    ) -> [Action] {
        if health.isDown { endOutage() }
        var actions: [Action] = []
        // It failed a moment ago, as often as it may, and the one behind it went through.
        if isProbe, let head = window.first, head.phase != .running {
            actions += bury(0, probeBehind.reason, now: false)
        }
        for (position, reason) in health.confirmed(number, together: together) {
            let isCertain = together.contains(position)
            if let index = index(of: position) {
                let isOwnFault = isCertain || window[index].proven >= window[index].attempts - 1
                window[index].proven = window[index].attempts
                guard window[index].phase != .running, window[index].attempts >= settings.retry.attempts else {
                    continue
                }
                if isOwnFault {
                    actions += bury(index, reason, now: false)
                } else {
                    window[index].isLastChance = true
                    window[index].phase = .ready
                }
            } else if var entry = returned[position] {
                let isOwnFault = isCertain || entry.proven >= entry.attempts - 1
                entry.proven = entry.attempts
                let isOver = entry.phase != .running && entry.attempts >= settings.retry.attempts
                entry.isLastChance = isOver && !isOwnFault
                returned[position] = isOver && isOwnFault ? nil : entry
                if isOver, isOwnFault {
                    returnedQueue.set(nil, for: position)
                    actions.append(.record([.buried(position, attempts: entry.attempts, reason: reason)]))
                } else if isOver, entry.phase == .waiting {
                    returnedQueue.set(now, for: position)
                }
            }
        }
        return actions
    }

    /// The target is down, as it is seen now: failures that nothing has proven are held against none, and counted no more.
    private mutating func dismissFailures() -> [Action] {
        var changes: [ConsumerChange] = []
        for position in health.takeDismissed() {
            if let index = index(of: position), window[index].attempts > window[index].proven {
                window[index].attempts = window[index].proven
                changes.append(.attempted(position, attempts: window[index].proven, wait: .zero))
            } else if var entry = returned[position], entry.attempts > entry.proven {
                entry.attempts = entry.proven
                returned[position] = entry
                changes.append(.attempted(position, attempts: entry.proven, wait: .zero))
            }
        }
        return changes.isEmpty ? [] : [.record(changes)]
    }

    /// Something happened that may have brought the target back: one message is tried at once.
    package mutating func targetMayBeBack(at now: Instant) -> [Action] {
        guard health.isDown else { return [] }
        heldUntil = nil
        return proceed([], at: now)
    }

    mutating func endOutage() {
        heldUntil = nil
        for index in window.indices {
            if case .waiting = window[index].phase { window[index].phase = .ready }
        }
    }

    mutating func windowEnded(
        _ position: Position, _ result: AttemptResult, isProbe: Bool, at now: Instant
    ) -> [Action] {
        // Burying the one before it may have moved it.
        guard let index = index(of: position) else { return [] }
        let number = window[index].number
        let isUnwanted = window[index].verdict == .unwanted
        switch result {
        case .confirmed: return settle(index, [.consumed(position)])
        case .abandoned, .postponed:
            window[index].phase = .ready
            return isUnwanted ? settle(index, []) : dropUnjudged(index, at: now)
        case .rejected(let reason):
            if health.isDown { endOutage() }
            health.rejected()
            return isUnwanted ? settle(index, []) : bury(index, reason, now: true)
        case .unavailable:
            let isNewRound = health.unreachable(number, at: now)
            holdForTarget(nil, isNewRound: isNewRound, isProbe: isProbe, at: now)
            probeBehind.targetWasUnreachable()
            window[index].isLastChance = false
            window[index].phase = .ready
            let dismissals = dismissFailures()
            return dismissals + (isUnwanted ? settle(index, []) : dropUnjudged(index, at: now))
        case .failed(let reason, let retryAfter):
            return failed(index, number, reason, retryAfter, isProbe: isProbe, at: now)
        }
    }

    private mutating func failed(
        _ index: Int, _ number: UInt64, _ reason: String, _ retryAfter: Duration?, isProbe: Bool, at now: Instant
    ) -> [Action] {
        let position = window[index].position
        let wasWell = !health.isDown
        let (isCounted, isNewRound) = health.failed(position, number, reason: reason, at: now)
        if isCounted { window[index].attempts += 1 }
        let isOver = window[index].isLastChance && isCounted && wasWell
        window[index].isLastChance = false
        let attempts = window[index].attempts
        if let own = ownWait(retryAfter) { window[index].notBefore = now + own }
        var wait = Duration.zero
        if health.isDown {
            holdForTarget(retryAfter, isNewRound: isNewRound, isProbe: isProbe, at: now)
            window[index].phase = .ready
        } else {
            wait = self.wait(after: attempts, retryAfter, at: now)
            window[index].phase = .waiting(until: now + wait)
        }
        guard window[index].verdict != .unwanted else { return dismissFailures() + settle(index, []) }
        if isOver {
            health.tookAnother()
            return bury(index, reason, now: false)
        }
        let record =
            (isCounted ? [Action.record([.attempted(position, attempts: attempts, wait: wait)])] : [])
            + dismissFailures()
        // While the target seems to be down one message at a time is tried: also where there are more keys, each may have a
        // bad message at its head.
        let isHead = index == 0 && (isOneKey || settings.isOrderedByKey && health.isDown)
        let isProbeDue =
            isHead
            && probeBehind.headFailed(position, attempts: attempts, limit: settings.retry.attempts, reason: reason)
        return record + (isProbeDue ? tryBehind(at: now) : []) + dropUnjudged(index, at: now)
    }

    /// Tries a message behind the first one, while that waits: the second, and further ones where it failed as well.
    private mutating func tryBehind(at now: Instant) -> [Action] {
        // The heads of other keys are tried in any case; and a dead letter that is under way keeps its key to itself.
        let heads = Set(firstOfKeys)
        let behind = window.indices.filter { !heads.contains($0) && !isBusy(window[$0].key) }
        guard !behind.isEmpty, window.allSatisfy({ $0.phase != .running }), !isPaused, suspension == nil, !isStopped,
            mayStart(at: now)
        else { return [] }
        let index = behind[probeBehind.distance(of: behind.count + 1) - 1]
        guard window[index].verdict == .wanted else { return [] }
        probeBehind.began(window[index].position)
        return [start([index], at: now)]
    }

    /// Whether all that is in the window waits for its first message, so that no other can show whose fault a failure is.
    private var isOneKey: Bool {
        guard let key = window.first.flatMap(key(of:)) else { return false }
        return settings.concurrency == 1 || window.allSatisfy { $0.key == key }
    }

    /// Starts the messages at `indices` of the window, together.
    mutating func start(_ indices: [Int], at now: Instant) -> Action {
        starts.count(at: now)
        for (order, index) in indices.enumerated() {
            window[index].phase = .running
            window[index].notBefore = nil
            window[index].number = health.attemptBegan()
            window[index].isFirst = order == 0
        }
        let starts = indices.map { Start(position: window[$0].position, attempt: window[$0].attempts + 1) }
        if let only = starts.first, starts.count == 1 { return .start(only.position, attempt: only.attempt) }
        return .startBatch(starts)
    }

    private mutating func returnedEnded(
        _ entry: Returned, _ position: Position, _ result: AttemptResult, at now: Instant
    ) -> [Action] {
        var entry = entry
        switch result {
        case .confirmed:
            returned[position] = nil
            health.forget(position)
            return [.record([.consumed(position), .settled(position)]), .forget(position)]
        case .abandoned, .postponed: return wait(entry, position, until: now)
        case .unavailable:
            let isNewRound = health.unreachable(entry.number, at: now)
            holdForTarget(nil, isNewRound: isNewRound, isProbe: false, at: now)
            entry.isLastChance = false
            return wait(entry, position, until: now) + dismissFailures()
        case .failed(let reason, let retryAfter):
            let wasWell = !health.isDown
            let (isCounted, isNewRound) = health.failed(position, entry.number, reason: reason, at: now)
            if isCounted { entry.attempts += 1 }
            if entry.isLastChance, isCounted, wasWell {
                health.tookAnother()
                health.forget(position)
                returned[position] = nil
                return [
                    .record([.buried(position, attempts: entry.attempts, reason: reason)]), .forget(position),
                ]
            }
            entry.isLastChance = false
            var due = Duration.zero
            if health.isDown {
                holdForTarget(retryAfter, isNewRound: isNewRound, isProbe: false, at: now)
                due = ownWait(retryAfter) ?? .zero
            } else {
                due = wait(after: entry.attempts, retryAfter, at: now)
            }
            let change = ConsumerChange.attempted(position, attempts: entry.attempts, wait: due)
            return (isCounted ? [.record([change])] : []) + wait(entry, position, until: now + due) + dismissFailures()
        case .rejected(let reason):
            if health.isDown { endOutage() }
            health.rejected()
            health.forget(position)
            returned[position] = nil
            let change = ConsumerChange.buried(position, attempts: entry.attempts + 1, reason: reason)
            return [.record([change]), .forget(position)]
        }
    }

    private mutating func wait(_ entry: Returned, _ position: Position, until due: Instant) -> [Action] {
        var entry = entry
        (entry.phase, entry.key) = (.waiting, nil)
        returned[position] = entry
        returnedQueue.set(due, for: position)
        return [.forget(position)]
    }

    /// The target is down: nothing is tried for a while that grows from failure to failure. After a probe it is twice as
    /// long, so that there is never more than one attempt a wait.
    private mutating func holdForTarget(
        _ retryAfter: Duration?, isNewRound: Bool, isProbe: Bool, at now: Instant
    ) {
        let retryAfter = settings.isStream ? nil : retryAfter
        guard isNewRound || retryAfter != nil else { return }
        let wait = wait(after: health.failures, retryAfter, at: now)
        heldUntil = max(heldUntil ?? now, now + wait + (isProbe ? wait : .zero))
    }

    /// The wait that a stream's program asks for a message; nil where it is the target's.
    private func ownWait(_ retryAfter: Duration?) -> Duration? {
        settings.isStream ? retryAfter.map { min($0, RouteSchedule.longestRetryAfter) } : nil
    }

    mutating func wait(after attempts: Int, _ retryAfter: Duration?, at now: Instant) -> Duration {
        let policy = settings.retry
        var wait = max(policy.shortestWait, .milliseconds(1))
        for _ in 1..<max(2, min(attempts, 60)) where attempts > 1 && wait < policy.longestWait { wait += wait }
        wait = max(.milliseconds(1), min(wait, policy.longestWait))
        // A tenth less at most, so that routes that failed together do not come back together.
        wait -= .nanoseconds(Int64.random(in: 0...wait.wholeNanoseconds / 10, using: &random))
        guard let asked = retryAfter.map({ min($0, RouteSchedule.longestRetryAfter) }) else { return wait }
        guard !settings.isStream else { return max(wait, asked) }
        // It is the target that is busy, not the message that is bad.
        heldUntil = max(heldUntil ?? now, now + asked)
        return max(wait, asked)
    }
}
