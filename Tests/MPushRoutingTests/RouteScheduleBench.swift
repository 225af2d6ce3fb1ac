import MPushModel

@testable import MPushRouting

/// A route's schedule with an inbox, a disk and targets that are simulated: what a runner does, in microseconds.
struct RouteScheduleBench {
    typealias Position = RouteSchedule.Position

    /// What the inbox has recorded: all that survives a crash.
    struct Disk: Equatable {
        var cursor: Position = 0
        var settledAhead: Set<Position> = []
        var attempted: [Position: (attempts: Int, due: Instant)] = [:]
        var returned: [Position: Int] = [:]
        var dead: [Position: Int] = [:]

        static func == (left: Disk, right: Disk) -> Bool {
            left.cursor == right.cursor && left.settledAhead == right.settledAhead && left.dead == right.dead
        }
    }

    private(set) var schedule: RouteSchedule
    var settings: RouteSchedule.Settings
    private(set) var disk = Disk()
    /// All messages that were stored, and whether the filter wants them.
    private(set) var messages: [(position: Position, isWanted: Bool)] = []
    private(set) var now = Instant.zero
    private(set) var deadline: Instant?
    private(set) var running: [Position] = []
    /// In the order of their first start since the last crash.
    private(set) var started: [Position] = []
    private(set) var confirmed: [Position: Int] = [:]
    private(set) var buried: [Position: Int] = [:]
    private(set) var held: Set<Position> = []
    private(set) var mostHeld = 0
    private(set) var writes = 0
    private(set) var fetches: [(after: Position, limit: Int)] = []
    private(set) var returnedFetches: [Position] = []
    private(set) var violations: [String] = []
    /// Those that were started together and run, by their first.
    private(set) var batches: [Position: [Position]] = [:]
    /// What the offers of messages say of their keys.
    var key: (Position) -> String? = { _ in nil }
    var size = 100

    init(_ settings: RouteSchedule.Settings, past: ConsumerProgress = ConsumerProgress(cursor: .start)) {
        self.settings = settings
        schedule = RouteSchedule(settings, past: past, newest: 0, seed: 1, at: .zero)
        disk.cursor = past.cursor
        run(schedule.begin(at: now))
    }

    // MARK: - Facts

    mutating func suspend(_ pause: RoutePause?) { run(schedule.suspended(pause, at: now)) }

    mutating func targetMayBeBack() { run(schedule.targetMayBeBack(at: now)) }

    mutating func store(_ wanted: [Bool], handingOver: Bool = true) {
        let last = messages.last?.position.rawValue ?? 0
        let new = wanted.enumerated().map {
            (position: Position(rawValue: last + 1 + Int64($0.offset)), isWanted: $0.element)
        }
        messages += new
        guard handingOver else { return }
        // As the runner does it: nothing is judged when the route is behind.
        let offers = new.map { offer($0) }
        guard schedule.isLevel else { return run(schedule.stored(offers, at: now)) }
        offering(offers) { $0.stored(offers, at: $1) }
    }

    /// Answers the oldest question to the inbox, if there is one.
    mutating func answerFetch(failing: Bool = false, limit: Int = .max) {
        if let position = returnedFetches.first {
            returnedFetches.removeFirst()
            if failing { return run(schedule.fetchFailed(position, at: now)) }
            held.insert(position)
            return run(schedule.fetchedReturned(position, isThere: true, key: key(position), at: now))
        }
        guard let asked = fetches.first else { return }
        fetches.removeFirst()
        if failing { return run(schedule.fetchFailed(at: now)) }
        let page = messages.filter { $0.position > asked.after }.prefix(min(asked.limit, limit)).map { offer($0) }
        offering(page) { $0.fetched(page, at: $1) }
    }

    mutating func end(_ position: Position, _ result: AttemptResult) {
        guard let index = running.firstIndex(of: position) else { return violations.append("\(position) does not run") }
        running.remove(at: index)
        if result == .confirmed { confirmed[position, default: 0] += 1 }
        run(schedule.attemptEnded(position, result, at: now))
    }

    /// Ends what was started with `first`, alone or in a batch.
    mutating func endBatch(_ first: Position, _ result: BatchResult) {
        guard let batch = batches.removeValue(forKey: first) else {
            switch result {
            case .whole(let result): return end(first, result)
            case .each(let results): return end(first, results[0])
            }
        }
        running.removeAll { batch.contains($0) }
        for (index, position) in batch.enumerated() {
            switch result {
            case .whole(.confirmed): confirmed[position, default: 0] += 1
            case .each(let results) where results[index] == .confirmed: confirmed[position, default: 0] += 1
            case .whole, .each: break
            }
        }
        run(schedule.batchEnded(batch, result, at: now))
    }

    /// The attempts under way, each by its messages.
    var attempts: [[Position]] {
        let together = Set(batches.values.joined())
        let alone = running.filter { !together.contains($0) }.map { [$0] }
        return (batches.values + alone).sorted { $0[0] < $1[0] }
    }

    /// These are confirmed in one turn.
    mutating func end(together positions: [Position]) {
        for position in positions {
            guard let index = running.firstIndex(of: position) else {
                violations.append("\(position) does not run")
                continue
            }
            running.remove(at: index)
            confirmed[position, default: 0] += 1
        }
        run(schedule.confirmed(positions, at: now))
    }

    /// Lets time pass to the deadline, or by `duration` where that comes first.
    mutating func pass(_ duration: Duration) {
        let end = now + duration
        while let due = deadline, due <= end {
            now = max(now, due)
            deadline = nil
            run(schedule.deadlineReached(at: now))
        }
        now = end
    }

    mutating func sendAgain() {
        let positions = disk.dead.keys.sorted()
        for position in positions {
            disk.returned[position] = 0
            disk.dead[position] = nil
        }
        run(schedule.messagesReturned(positions, at: now))
    }

    mutating func reconfigure(_ settings: RouteSchedule.Settings, wanted: ((Position) -> Bool)? = nil) {
        self.settings = settings
        if let wanted { messages = messages.map { ($0.position, wanted($0.position)) } }
        run(schedule.reconfigured(settings, at: now))
    }

    /// The process dies, and another one goes on with what is on the disk.
    mutating func crash() {
        running = []
        batches = [:]
        started = []
        held = []
        fetches = []
        returnedFetches = []
        deadline = nil
        let past = ConsumerProgress(
            cursor: disk.cursor, settledAhead: disk.settledAhead.union(disk.dead.keys).sorted(),
            attempted: disk.attempted.map {
                .init(position: $0.key, attempts: $0.value.attempts, wait: max(.zero, $0.value.due - now))
            },
            returned: disk.returned.keys.sorted())
        schedule = RouteSchedule(settings, past: past, newest: messages.last?.position ?? 0, seed: 2, at: now)
        run(schedule.begin(at: now))
    }

    // MARK: - Actions

    private func offer(_ message: (position: Position, isWanted: Bool)) -> RouteSchedule.Offer {
        RouteSchedule.Offer(
            position: message.position, size: size, isWanted: message.isWanted, key: key(message.position))
    }

    /// As the runner does it: what is wanted is in memory while the schedule looks at it, and what it holds stays there.
    private mutating func offering(
        _ offers: [RouteSchedule.Offer], _ fact: (inout RouteSchedule, Instant) -> [RouteSchedule.Action]
    ) {
        held.formUnion(offers.filter(\.isWanted).map(\.position))
        run(fact(&schedule, now))
        for offer in offers where !schedule.holds(offer.position) { held.remove(offer.position) }
        mostHeld = max(mostHeld, held.count)
    }

    private mutating func run(_ actions: [RouteSchedule.Action]) {
        for action in actions {
            switch action {
            case .fetch(let after, let limit):
                if !fetches.isEmpty { violations.append("asked twice") }
                fetches.append((after, limit))
            case .fetchReturned(let position): returnedFetches.append(position)
            case .start(let position, let attempt): start(position, attempt)
            case .startBatch(let starts): startBatch(starts)
            case .record(let changes):
                writes += 1
                for change in changes { record(change) }
            case .forget(let position):
                if schedule.index(of: position) != nil { violations.append("\(position) is forgotten in the window") }
                held.remove(position)
            case .setDeadline(let instant):
                if let instant, instant < now { violations.append("a deadline in the past") }
                deadline = instant
            }
        }
        if attempts.count > settings.concurrency, schedule.running > settings.concurrency + 64 {
            violations.append("too many at once")
        }
    }

    private mutating func startBatch(_ starts: [RouteSchedule.Start]) {
        if starts.count < 2 || starts.count > settings.batch.messages {
            violations.append("a batch of \(starts.count)")
        }
        for one in starts { start(one.position, one.attempt) }
        batches[starts[0].position] = starts.map(\.position)
    }

    private mutating func start(_ position: Position, _ attempt: Int) {
        if !held.contains(position) { violations.append("\(position) has no content") }
        if running.contains(position) { violations.append("\(position) runs already") }
        if !started.contains(position) { started.append(position) }
        if schedule.isStopped { violations.append("\(position) started after the end") }
        if attempt < 1 { violations.append("attempt \(attempt)") }
        running.append(position)
    }

    private mutating func record(_ change: ConsumerChange) {
        switch change {
        case .advanced(let cursor):
            if cursor <= disk.cursor { violations.append("the cursor went back to \(cursor)") }
            for message in messages where message.position > disk.cursor && message.position <= cursor {
                let position = message.position
                let isSettled =
                    confirmed[position] != nil || buried[position] != nil || disk.returned[position] != nil
                if message.isWanted, !isSettled { violations.append("\(position) was lost") }
            }
            disk.cursor = cursor
            disk.settledAhead = disk.settledAhead.filter { $0 > cursor }
            disk.attempted = disk.attempted.filter { $0.key > cursor || disk.returned[$0.key] != nil }
        case .settled(let position):
            disk.returned[position] = nil
            disk.attempted[position] = nil
            if position > disk.cursor { disk.settledAhead.insert(position) }
        case .consumed(let position):
            if confirmed[position] == nil { violations.append("\(position) was not confirmed") }
        case .attempted(let position, let attempts, let wait):
            disk.attempted[position] = (attempts, now + wait)
        case .buried(let position, let attempts, _):
            disk.dead[position] = attempts
            disk.returned[position] = nil
            disk.attempted[position] = nil
            buried[position, default: 0] += 1
        }
    }
}
