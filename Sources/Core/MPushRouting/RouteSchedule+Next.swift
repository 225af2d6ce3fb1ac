import MPushModel

/// What comes next.
extension RouteSchedule {
    /// Everything that can go on goes on.
    mutating func proceed(_ actions: [Action], at now: Instant) -> [Action] {
        var actions = actions
        releaseHold(at: now)
        endSuspension(at: now)
        if let after = fetchAfter, after <= now { fetchAfter = nil }
        callParked(at: now)
        startDue(&actions, at: now)
        fetch(&actions)
        record(&actions, at: now)
        setDeadline(&actions, at: now)
        return actions
    }

    /// Nothing is started.
    var isHeld: Bool { heldUntil != nil || suspension != nil || isPaused || isStopped }

    mutating func releaseHold(at now: Instant) {
        if let until = heldUntil, until <= now { heldUntil = nil }
    }

    private mutating func startDue(_ actions: inout [Action], at now: Instant) {
        let busy = window.count { $0.phase == .running && $0.isFirst } + returned.busy
        var slots = (health.isDown ? 1 : settings.concurrency) - busy
        limitedUntil = nil
        // A stream's program has all of them at once; what is read from the inbox may be a page of more.
        var bytes = settings.isStream ? window.reduce(0) { $0 + ($1.phase == .running ? $1.size : 0) } : 0
        // What stands before was looked at in this turn: it is not due, or was started.
        var first = window.startIndex
        while slots > 0, !isHeld, bytes < settings.mostBytes {
            let next = nextInWindow(from: first, at: now)
            let hasReturned = fetchAfter == nil && returnedQueue.earliest.map { $0 <= now } ?? false
            guard !next.isEmpty || hasReturned else { return }
            guard mayStart(at: now) else {
                limitedUntil = starts.nextChange(after: now)
                return
            }
            // In turns, so that neither a thousand dead letters nor a busy sender keep the others waiting.
            if hasReturned, next.isEmpty || !lastStartedWasReturned, let position = returnedQueue.popDue(at: now) {
                lastStartedWasReturned = true
                returned.set(.fetching, of: position)
                actions.append(.fetchReturned(position))
            } else if !next.isEmpty {
                lastStartedWasReturned = false
                if settings.isStream { bytes += window[next[0]].size }
                actions.append(start(next, at: now))
                first = next[0] + 1
            }
            slots -= 1
        }
    }

    /// The messages of the next attempt, by their places in the window; none where there is nothing to start. Where there are
    /// neither batches nor keys, none before `first` is due.
    private func nextInWindow(from first: Int, at now: Instant) -> [Int] {
        // The target alone decides when, and each has its turn: one that fails for itself must not stand for all.
        if health.isDown {
            let candidates = firstOfKeys.filter {
                window[$0].phase != .running && window[$0].notBefore.map { $0 <= now } ?? true
            }
            // What a program's end has undone is nobody's fault, and comes again as it came.
            if settings.isStream, health.isUnreachable { return Array(candidates.prefix(1)) }
            return candidates.min { window[$0].number < window[$1].number }.map { [$0] } ?? []
        }
        // Where there are neither batches nor keys, nothing stands between the first that is due and its turn.
        if settings.concurrency > 1, batchLimit == 1, !settings.isOrderedByKey {
            return window[first...].firstIndex { isDue($0, at: now) }.map { [$0] } ?? []
        }
        var next: [Int] = []
        var bytes = 0
        var blocked = returned.keys
        // It runs ahead of the first of its key, whose wait may be over before it is done.
        if let probe = probeBehind.probe.flatMap(index(of:)), let key = key(of: window[probe]) { blocked.insert(key) }
        for (index, entry) in window.enumerated() {
            let key = key(of: entry)
            if let key, blocked.contains(key) { continue }
            // Behind the first one, which they have waited for, those that failed with it have no wait of their own.
            let goesAlong = settings.concurrency == 1 && !next.isEmpty && entry.phase != .running
            if goesAlong || isDue(entry, at: now) {
                bytes += entry.size
                guard next.isEmpty || bytes <= settings.batch.bytes else { return next }
                next.append(index)
                if next.count >= batchLimit { return next }
            } else if let key {
                // All have one key.
                if settings.concurrency == 1 { return next }
                blocked.insert(key)
            }
        }
        return next
    }

    private func isDue(_ entry: Entry, at now: Instant) -> Bool {
        if let own = entry.notBefore, own > now { return false }
        return switch entry.phase {
        case .ready: true
        case .running: false
        case .waiting(let until): until <= now
        }
    }

    /// What the messages behind `entry` wait for: one after the other without a key of their own.
    func key(of entry: Entry) -> String? { settings.concurrency == 1 ? "" : entry.key }

    /// Whether a message with this key is under way.
    func isBusy(_ key: String?) -> Bool {
        guard settings.concurrency > 1, let key else { return false }
        return returned.keys.contains(key) || window.contains { $0.phase == .running && $0.key == key }
    }

    /// The places in the window of messages that no other has to be settled before.
    var firstOfKeys: [Int] {
        if settings.concurrency == 1 { return Array(window.indices.prefix(1)) }
        var seen = returned.keys
        return window.indices.filter { index in window[index].key.map { seen.insert($0).inserted } ?? true }
    }

    /// When the next in the window is due; nil where none waits, or one is ready or runs that the others wait for.
    var windowDue: Instant? {
        firstOfKeys.compactMap { index in
            switch window[index].phase {
            case .waiting(let until): max(until, window[index].notBefore ?? until)
            case .ready: window[index].notBefore
            case .running: nil
            }
        }.min()
    }

    private mutating func fetch(_ actions: inout [Action]) {
        let room = settings.mostMessages - window.count
        guard !isFetching, !isStopped, fetchAfter == nil, readTo < newest, room >= settings.mostMessages / 2,
            windowBytes < settings.mostBytes,
            // With nothing in the window it is the next ones alone that let go of what is settled ahead of them.
            window.isEmpty || settledAhead.count < RouteSchedule.mostAhead
        else { return }
        isFetching = true
        newestWhenAsked = newest
        actions.append(.fetch(after: readTo, limit: min(room, RouteSchedule.mostFetched)))
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
            if case .until(let end)? = suspension { moments.append(end) }
            if !isPaused, suspension == nil, heldUntil == nil {
                moments.append(limitedUntil)
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
