package import MPushModel

/// What a route does next: which message it tries, when it tries again, what it gives up, and how far it has come. A pure
/// value: told facts and the time, it says what to do. Positions are only looked at once, in their order, and
/// everything that must outlive the process is recorded before anything after it depends on it.
package struct RouteSchedule: Sendable {
    /// Wanted and unsettled messages in memory, at most; more only where more are under way, or batches or keys need them
    /// (`Settings.mostMessages`).
    package static let mostMessages = 64
    static let mostMessagesForKeys = 512
    static let mostMessagesForBatches = 4096
    /// Messages that are asked for at once, at most.
    static let mostFetched = 1000
    /// Bytes of content in memory, beyond which nothing more is asked for or taken.
    package static let mostBytes = 1 << 20
    /// Messages settled ahead of one that is not, at most: then the route waits for that one.
    package static let mostAhead = 4096
    /// Messages that were passed over before that is recorded, if nothing else is.
    package static let mostUnrecorded: Int64 = 512
    /// After this time it is recorded in any case.
    package static let recordDelay = Duration.seconds(2)
    /// No target can ask for a longer wait.
    package static let longestRetryAfter = Duration.seconds(3600)
    static let fetchWaits = (shortest: Duration.seconds(1), longest: Duration.seconds(30))

    var settings: Settings
    var random: SplitMix64
    private var fetchBackoff = DecorrelatedJitter(shortest: fetchWaits.shortest, longest: fetchWaits.longest)
    /// While we are short of what an attempt needs.
    var shortageBackoff = DecorrelatedJitter(shortest: fetchWaits.shortest, longest: fetchWaits.longest)

    /// All up to here was looked at.
    var readTo: Position
    /// The last that the inbox is known to have.
    var newest: Position
    var recordedCursor: Position
    /// In the order of their positions.
    var window: [Entry] = []
    var windowBytes = 0
    var settledAhead: Set<Position>
    /// Recorded failures of messages that are not in the window.
    var known: [Position: (attempts: Int, due: Instant)]
    var returned = ReturnedMessages()
    var returnedQueue = DeadlineQueue<Position>()
    /// By their keys.
    var parked: [String: ParkedMessages] = [:]
    var lastStartedWasReturned = false
    var health = TargetHealth()
    var probeBehind = ProbeBehind()
    /// Messages of the next batch, at most: fewer than the settings allow where a batch has failed.
    var batchLimit: Int

    var isFetching = false
    var fetchAfter: Instant?
    var newestWhenAsked = Position.start
    /// A fetch that was asked before the route was changed is of no use.
    private var isFetchStale = false
    /// The target asked to be left alone, or we are short of what an attempt needs.
    var heldUntil: Instant?
    var recordDue: Instant?
    var deadline: Instant?
    var isPaused = false
    var suspension: Suspension?
    /// Attempts begun.
    var starts = MinuteCount()
    /// Until then it has begun as many as it may, and there is one to begin.
    var limitedUntil: Instant?
    package private(set) var isStopped = false

    /// A route that is where `past` says, in an inbox whose last message is at `newest`. `begin` sets it going. A wait that
    /// outlived the process is never longer than a target can ask for.
    package init(_ settings: Settings, past: ConsumerProgress, newest: Position, seed: UInt64, at now: Instant) {
        self.settings = settings
        batchLimit = settings.batch.messages
        random = SplitMix64(seed: seed)
        readTo = past.cursor
        recordedCursor = past.cursor
        self.newest = max(newest, past.cursor)
        // What is to be sent again was settled in its turn.
        settledAhead = Set((past.settledAhead + past.returned).filter { $0 > past.cursor })
        known = [:]
        for attempted in past.attempted {
            let wait = min(max(.zero, attempted.wait), RouteSchedule.longestRetryAfter)
            known[attempted.position] = (attempted.attempts, now + wait)
        }
        for position in past.returned {
            let attempted = known.removeValue(forKey: position)
            returned[position] = Returned(attempts: attempted?.attempts ?? 0)
            returnedQueue.set(attempted?.due ?? now, for: position)
        }
        suspension = past.pause.map { RouteSchedule.suspension($0, from: now) }
    }

    // MARK: - What there is to say

    /// All up to here is settled.
    package var cursor: Position { window.first.map { min($0.position.before, readTo) } ?? readTo }

    /// Whether messages that are stored now can be taken without asking the inbox.
    package var isLevel: Bool { readTo >= newest && !isFetching && !isStopped }

    package var running: Int {
        window.count { $0.phase == .running } + returned.running
    }

    /// Not settled yet, as far as it is known.
    package var waiting: Int {
        window.count { $0.phase != .running } + Int(clamping: newest.rawValue - readTo.rawValue)
            + (returned.count - returned.running)
    }

    /// Whether the content of this message is needed.
    package func holds(_ position: Position) -> Bool { index(of: position) != nil || returned[position] != nil }

    /// When the next attempt is due, where the route waits for one.
    package var nextAttempt: Instant? {
        guard running == 0, suspension == nil else { return nil }
        if let limitedUntil { return limitedUntil }
        if let heldUntil, window.contains(where: { $0.phase == .ready }) { return heldUntil }
        return [windowDue, returnedQueue.earliest].compactMap(\.self).min().map { max($0, heldUntil ?? $0) }
    }

    // MARK: - Facts

    /// The route may begin.
    package mutating func begin(at now: Instant) -> [Action] { proceed([], at: now) }

    /// These were stored, in this order.
    package mutating func stored(_ offers: [Offer], at now: Instant) -> [Action] {
        let wasLevel = isLevel
        guard let last = offers.last?.position else { return [] }
        defer { newest = max(newest, last) }
        guard wasLevel else { return [] }
        for offer in offers where offer.position > readTo {
            // Behind a gap there may be something that was never handed over: the inbox knows.
            guard hasRoom(for: offer), offer.position == readTo.next else { break }
            take(offer)
        }
        newest = max(newest, last)
        return proceed([], at: now)
    }

    /// The answer to `fetch`: the next ones, as many as there were. None if there are none.
    package mutating func fetched(_ offers: [Offer], at now: Instant) -> [Action] {
        isFetching = false
        fetchBackoff.reset()
        if isFetchStale {
            isFetchStale = false
            // What runs, or is to be sent again, needs its content.
            return proceed(offers.map(\.position).filter { !holds($0) }.map { .forget($0) }, at: now)
        }
        for offer in offers where offer.position > readTo { take(offer) }
        if offers.isEmpty { readTo = max(readTo, newestWhenAsked) }
        return proceed([], at: now)
    }

    /// The answer to `fetchReturned`: whether it is still there.
    package mutating func fetchedReturned(
        _ position: Position, isThere: Bool, key: String? = nil, at now: Instant
    ) -> [Action] {
        guard let entry = returned[position], entry.phase == .fetching else { return [.forget(position)] }
        fetchBackoff.reset()
        if !isThere {
            returned[position] = nil
            return proceed([.record([.settled(position)])], at: now)
        }
        releaseHold(at: now)
        if isHeld {
            returned.set(.waiting, of: position)
            returnedQueue.set(now, for: position)
            return proceed([.forget(position)], at: now)
        }
        if let key, isBusy(key) {
            park(position, behind: key)
            return proceed([.forget(position)], at: now)
        }
        starts.count(at: now)
        returned.start(position, number: health.attemptBegan(), key: key)
        return proceed([.start(position, attempt: entry.attempts + 1)], at: now)
    }

    /// The inbox could not answer `fetch`, or `fetchReturned` where a position is given.
    package mutating func fetchFailed(_ position: Position? = nil, at now: Instant) -> [Action] {
        if let position {
            guard returned[position]?.phase == .fetching else { return [] }
            returned.set(.waiting, of: position)
            returnedQueue.set(now, for: position)
        } else {
            isFetching = false
            isFetchStale = false
        }
        fetchAfter = now + fetchBackoff.next(using: &random)
        return proceed([], at: now)
    }

    /// What was to be started is not in memory, which is a fault: it is read again. To try it again at once would never end.
    package mutating func contentMissing(_ position: Position, at now: Instant) -> [Action] {
        guard let index = index(of: position), window[index].phase == .running else {
            return attemptEnded(position, .abandoned, at: now)
        }
        window[index].phase = .ready
        return proceed(reread(at: now), at: now)
    }

    /// Dead letters are to be sent again.
    package mutating func messagesReturned(_ positions: [Position], at now: Instant) -> [Action] {
        for position in positions where returned[position] == nil && index(of: position) == nil {
            returned[position] = Returned(attempts: 0)
            returnedQueue.set(now, for: position)
        }
        return proceed([], at: now)
    }

    package mutating func deadlineReached(at now: Instant) -> [Action] {
        deadline = nil
        return proceed([], at: now)
    }

    /// Other settings, or another filter: all that is not settled is looked at anew.
    package mutating func reconfigured(_ settings: Settings, at now: Instant) -> [Action] {
        self.settings = settings
        batchLimit = settings.batch.messages
        heldUntil = nil
        health.reset()
        probeBehind = ProbeBehind()
        return proceed(reread(at: now), at: now)
    }

    /// What was to be recorded cannot be at the moment, or can again: nothing is started meanwhile.
    package mutating func paused(_ isPaused: Bool, at now: Instant) -> [Action] {
        self.isPaused = isPaused
        return proceed([], at: now)
    }

    /// Nothing is started any more. What was passed over is recorded.
    package mutating func stopped(at now: Instant) -> [Action] {
        isStopped = true
        return proceed([], at: now)
    }
}

/// What is in memory, and how it leaves it.
extension RouteSchedule {
    func index(of position: Position) -> Int? {
        var (low, high) = (window.startIndex, window.endIndex)
        while low < high {
            let middle = (low + high) / 2
            if window[middle].position < position { low = middle + 1 } else { high = middle }
        }
        return low < window.endIndex && window[low].position == position ? low : nil
    }

    func hasRoom(for offer: Offer) -> Bool {
        guard offer.isWanted, !window.isEmpty else { return true }
        return window.count < settings.mostMessages && windowBytes + offer.size <= settings.mostBytes
            && settledAhead.count < RouteSchedule.mostAhead
    }

    mutating func take(_ offer: Offer) {
        readTo = offer.position
        // After a change of the route, one that runs is offered again.
        if let index = index(of: offer.position) {
            window[index].verdict = offer.isWanted ? .wanted : .unwanted
            window[index].key = offer.key
            return
        }
        let attempted = known.removeValue(forKey: offer.position)
        guard offer.isWanted, returned[offer.position] == nil, !settledAhead.contains(offer.position) else { return }
        let entry = Entry(
            position: offer.position, size: offer.size, key: offer.key, attempts: attempted?.attempts ?? 0,
            phase: attempted.map { .waiting(until: $0.due) } ?? .ready)
        window.insert(entry, at: window.lastIndex { $0.position < entry.position }.map { $0 + 1 } ?? 0)
        windowBytes += offer.size
    }

    /// The window is read again from its first message on: what does not run is dropped, and what runs is judged again. What
    /// is settled behind that first message is in `settledAhead`.
    mutating func reread(at now: Instant) -> [Action] {
        isFetchStale = isFetching
        guard let first = window.first else { return [] }
        readTo = min(readTo, first.position.before)
        let dropped = window.filter { $0.phase != .running }
        for entry in dropped {
            remember(entry, at: now)
            health.forget(entry.position)
        }
        window.removeAll { $0.phase != .running }
        for index in window.indices { window[index].verdict = .pending }
        windowBytes = window.reduce(0) { $0 + $1.size }
        return dropped.map { .forget($0.position) }
    }

    /// Takes the message at `index` out where the present filter has not judged it: it is ahead of `readTo`, and comes again.
    mutating func dropUnjudged(_ index: Int, at now: Instant) -> [Action] {
        guard window[index].verdict == .pending else { return [] }
        let entry = window.remove(at: index)
        windowBytes -= entry.size
        health.forget(entry.position)
        remember(entry, at: now)
        return [.forget(entry.position)]
    }

    /// Keeps the failures of a message that leaves the window, and is not settled.
    private mutating func remember(_ entry: Entry, at now: Instant) {
        guard entry.attempts > 0 else { return }
        known[entry.position] = (entry.attempts, now)
        if case .waiting(let until) = entry.phase { known[entry.position]?.due = until }
    }

    /// The message at `index` is done with: what of it, and of the cursor, is to be recorded.
    mutating func settle(_ index: Int, _ changes: [ConsumerChange]) -> [Action] {
        let entry = window.remove(at: index)
        windowBytes -= entry.size
        health.forget(entry.position)
        var changes = changes
        settledAhead.insert(entry.position)
        if cursor < entry.position, !changes.contains(where: { if case .buried = $0 { true } else { false } }) {
            changes.append(.settled(entry.position))
        }
        changes += advance()
        return [.record(changes), .forget(entry.position)]
    }

    /// The message at `index` becomes a dead letter, with the attempt that ends `now`, or for what it failed for before.
    mutating func bury(_ index: Int, _ reason: String, now: Bool) -> [Action] {
        let attempts = max(1, window[index].attempts + (now ? 1 : 0))
        return settle(index, [.buried(window[index].position, attempts: attempts, reason: reason)])
    }

    /// The cursor as a change, where it is not recorded.
    mutating func advance() -> [ConsumerChange] {
        let cursor = cursor
        guard cursor > recordedCursor else { return [] }
        settledAhead.forget(from: recordedCursor, to: cursor)
        recordedCursor = cursor
        recordDue = nil
        return [.advanced(to: cursor)]
    }
}
