import MPushModel

/// What the ends of attempts say about a route's target: tells a target that is down from a message that is bad. A pure
/// value; no clock but for what it is given.
///
/// A failure that may be the message's doing proves nothing by itself. It is held against the message as soon as an
/// attempt at another one, begun after it, is confirmed. Where a second message fails before that, or the target is not
/// there at all, it is the target that is down, and the failures are held against none.
struct TargetHealth: Sendable {
    typealias Position = MessagePosition

    private enum State {
        /// As far as it is known.
        case well
        /// This message fails, and none was confirmed since.
        case doubtful(Position)
        /// Two messages or more fail, and none was confirmed since.
        case broken
        /// It was not even reached.
        case unreachable
    }

    private struct Suspicion {
        /// Attempts begun until it failed.
        let mark: UInt64
        let reason: String
    }

    private var state = State.well
    /// Since when only one message at a time is tried, by the clock that the facts carry; until one is confirmed.
    private(set) var downSince: Instant?
    /// Attempts begun, and those that were begun when a failure was counted last.
    private var begun: UInt64 = 0
    private var countedTo: UInt64 = 0
    /// Failures without a confirmation between them; those of attempts that ran side by side count once.
    private(set) var failures = 0
    /// Failures that are a message's as soon as the target is seen to be well.
    private var suspicions: [Position: Suspicion] = [:]
    /// Whose failures are held against none, since the target is down.
    private var dismissed: [Position] = []

    var isDown: Bool { downSince != nil }

    /// Whether the last that is known is that it was not reached, whatever the message.
    var isUnreachable: Bool { if case .unreachable = state { true } else { false } }

    /// Whether nothing failed since the last confirmation: another one proves nothing.
    var isUntroubled: Bool { if case .well = state { suspicions.isEmpty && !isDown } else { false } }

    /// The state before there was any attempt; those that run keep their numbers.
    mutating func reset() {
        state = .well
        downSince = nil
        failures = 0
        suspicions = [:]
    }

    /// An attempt begins: its number, which grows.
    mutating func attemptBegan() -> UInt64 {
        begun += 1
        return begun
    }

    /// The messages whose failures since the last proof are held against none, once.
    mutating func takeDismissed() -> [Position] {
        defer { dismissed = [] }
        return dismissed
    }

    /// The message has left the route, or its memory.
    mutating func forget(_ position: Position) { suspicions[position] = nil }

    /// The attempt with this number was confirmed. Returns the messages whose last failure that proves to be their own,
    /// with what was wrong, in their order: those that failed before it began, or `together` with it in one answer.
    mutating func confirmed(
        _ number: UInt64, together: Set<Position> = []
    ) -> [(position: Position, reason: String)] {
        tookAnother()
        let proven = suspicions.filter { $0.value.mark < number || together.contains($0.key) }
        for position in proven.keys { suspicions[position] = nil }
        return proven.map { ($0.key, $0.value.reason) }.sorted { $0.position < $1.position }
    }

    /// The answer that had the last failure has a confirmation as well: the target is there, and takes messages.
    mutating func tookAnother() {
        state = .well
        downSince = nil
        failures = 0
    }

    /// The target has refused a message in so many words: it is there, but that is no proof that it takes others.
    mutating func rejected() {
        guard isDown else { return }
        state = .well
        downSince = nil
        failures = 0
    }

    /// The attempt with this number failed in a way that may be the message's doing.
    ///
    /// - Returns: whether it counts as one of the message's attempts, and whether the wait for the target begins anew.
    mutating func failed(
        _ position: Position, _ number: UInt64, reason: String, at now: Instant
    ) -> (isCounted: Bool, isNewRound: Bool) {
        let isNewRound = count(number)
        switch state {
        case .well, .unreachable: state = .doubtful(position)
        case .doubtful(let first) where first != position: breakDown(.broken, at: now)
        case .doubtful, .broken: break
        }
        if case .broken = state { return (false, isNewRound) }
        suspicions[position] = Suspicion(mark: begun, reason: reason)
        return (true, isNewRound)
    }

    /// The attempt with this number did not reach the target, whatever the message. Returns whether the wait begins anew.
    mutating func unreachable(_ number: UInt64, at now: Instant) -> Bool {
        breakDown(.unreachable, at: now)
        return count(number)
    }

    private mutating func breakDown(_ state: State, at now: Instant) {
        self.state = state
        downSince = downSince ?? now
        dismissed += suspicions.keys.sorted()
        suspicions = [:]
    }

    private mutating func count(_ number: UInt64) -> Bool {
        guard number > countedTo else { return false }
        countedTo = begun
        failures += 1
        return true
    }
}

/// When the message behind a failing one is tried, to see whose fault it is, on a route that keeps the order.
struct ProbeBehind: Sendable {
    /// At least so many failures lie between two such probes.
    private static let fewestBetween = 10

    private var head: MessagePosition?
    private var failures = 0
    /// Messages behind it that were tried, and failed.
    private var probes = 0
    /// The last failure of the head, in words.
    private(set) var reason = ""
    /// The message that is tried as a probe.
    var probe: MessagePosition?

    /// The first message has failed in a way that may be its own doing, with `attempts` counted, of `limit`. Returns whether
    /// the one behind it is to be tried now.
    mutating func headFailed(_ position: MessagePosition, attempts: Int, limit: Int, reason: String) -> Bool {
        if head != position {
            head = position
            failures = 0
            probes = 0
        }
        failures += 1
        self.reason = reason
        return probes > 0 ? failures >= max(limit, ProbeBehind.fewestBetween) : max(failures, attempts) >= limit
    }

    /// The target was not reached: what was seen of the one behind says nothing any more.
    mutating func targetWasUnreachable() { probes = 0 }

    /// The message behind is tried.
    mutating func began(_ position: MessagePosition) {
        probe = position
        failures = 0
        probes += 1
    }

    /// How far behind the first message the next probe is, of `count`: each is another one, because two bad messages in a row
    /// are no proof of a target that is down.
    func distance(of count: Int) -> Int { 1 + probes % max(1, count - 1) }
}
