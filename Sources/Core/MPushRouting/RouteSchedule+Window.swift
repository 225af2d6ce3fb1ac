import MPushTime

/// What is in memory, and how it leaves it.
extension RouteSchedule {
    func index(of position: Position) -> Int? { window.firstIndex { $0.position == position } }

    func hasRoom(for offer: Offer) -> Bool {
        guard offer.isWanted, !window.isEmpty else { return true }
        return window.count < RouteSchedule.mostMessages && windowBytes + offer.size <= RouteSchedule.mostBytes
            && settledAhead.count < RouteSchedule.mostAhead
    }

    mutating func take(_ offer: Offer) {
        readTo = offer.position
        let attempted = known.removeValue(forKey: offer.position)
        guard offer.isWanted, returned[offer.position] == nil, !settledAhead.contains(offer.position) else { return }
        // After a change of the route, one that runs is offered again.
        if index(of: offer.position) != nil { return }
        let entry = Entry(
            position: offer.position, size: offer.size, attempts: attempted?.attempts ?? 0,
            phase: attempted.map { .waiting(until: $0.due) } ?? .ready)
        window.insert(entry, at: window.lastIndex { $0.position < entry.position }.map { $0 + 1 } ?? 0)
        windowBytes += offer.size
    }

    /// The message at `index` is done with: what of it, and of the cursor, is to be recorded.
    mutating func settle(_ index: Int, _ changes: [Change]) -> [Action] {
        let entry = window.remove(at: index)
        windowBytes -= entry.size
        var changes = changes
        settledAhead.insert(entry.position)
        if cursor < entry.position, !changes.contains(where: { if case .buried = $0 { true } else { false } }) {
            changes.append(.settled(entry.position))
        }
        changes += advance()
        return [.record(changes), .forget(entry.position)]
    }

    mutating func bury(_ index: Int, _ reason: String) -> [Action] {
        settle(index, [.buried(window[index].position, attempts: window[index].attempts + 1, reason: reason)])
    }

    /// The cursor as a change, where it is not recorded.
    mutating func advance() -> [Change] {
        let cursor = cursor
        guard cursor > recordedCursor else { return [] }
        recordedCursor = cursor
        recordDue = nil
        if !settledAhead.isEmpty { settledAhead = settledAhead.filter { $0 > cursor } }
        return [.advanced(to: cursor)]
    }

    mutating func wait(after attempts: Int, _ retryAfter: Duration?, at now: Instant) -> Duration {
        let policy = settings.retry
        var wait = max(policy.shortestWait, .milliseconds(1))
        for _ in 1..<max(2, min(attempts, 60)) where attempts > 1 && wait < policy.longestWait { wait += wait }
        wait = max(.milliseconds(1), min(wait, policy.longestWait))
        // A tenth less at most, so that routes that failed together do not come back together.
        wait -= .nanoseconds(Int64.random(in: 0...wait.wholeNanoseconds / 10, using: &random))
        guard let asked = retryAfter.map({ min($0, RouteSchedule.longestRetryAfter) }) else { return wait }
        // It is the target that is busy, not the message that is bad.
        heldUntil = max(heldUntil ?? now, now + asked)
        return max(wait, asked)
    }
}
