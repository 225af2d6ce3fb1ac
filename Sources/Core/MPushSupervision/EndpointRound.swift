import MPushModel

/// The servers of one round after the other: each once, in their order, but those that failed last come last. Those `behind`
/// come after all others, whatever failed. Bounded by the lists that a round begins with.
struct EndpointRound: Sendable {
    /// In the order of preference.
    private var listed: [Endpoint] = []
    private var behind: [Endpoint] = []
    private var left: [Endpoint] = []
    private var failed: Set<Endpoint> = []
    /// The network changed while it was being connected to.
    private var disturbed: Endpoint?
    /// Lost us too soon after it had bound us: the next round begins with the one after it.
    private var flapping: Endpoint?

    /// A round begins. Where all failed the list's own order holds.
    mutating func begin(_ endpoints: [Endpoint], behind others: [Endpoint] = []) {
        listed = endpoints
        behind = others
        failed.formIntersection(endpoints + others)
        left = (order(of: endpoints) + order(of: others)).reversed()
        flapping = nil
    }

    private func order(of endpoints: [Endpoint]) -> [Endpoint] {
        let first = flapping.flatMap(endpoints.firstIndex).map { $0 + 1 } ?? 0
        let rotated = Array(endpoints[first...] + endpoints[..<first])
        return rotated.filter { !failed.contains($0) } + rotated.filter(failed.contains)
    }

    /// The round is over, whatever is left.
    mutating func end() { left = [] }

    /// The next to try; nil where each was tried.
    mutating func next() -> Endpoint? { left.popLast() }

    /// No session could be had there. A shortage of this machine, or a change of its network, says nothing of the server; but
    /// where the network goes on changing, one that is gone must not keep us from the others.
    mutating func attemptEnded(_ cause: LossCause, at endpoint: Endpoint) {
        guard !cause.isShortage else { return }
        if !cause.isNetworkChange || disturbed == endpoint { failed.insert(endpoint) }
        disturbed = cause.isNetworkChange ? endpoint : nil
    }

    /// A session is open there, or can be.
    mutating func succeeded(at endpoint: Endpoint) {
        failed.remove(endpoint)
        disturbed = nil
    }

    /// A connection that was bound is gone; `isFlapping` where it was so too briefly.
    mutating func lost(_ endpoint: Endpoint, isFlapping: Bool) { flapping = isFlapping ? endpoint : nil }

    /// What is listed before `endpoint`, the best first; nil where nothing is.
    func preferred(to endpoint: Endpoint) -> Endpoint? {
        listed.first { $0 == endpoint } == nil || listed.first == endpoint ? nil : listed.first
    }

    /// The best of those that `endpoint` stands behind; nil where it is not behind any.
    func best(before endpoint: Endpoint) -> Endpoint? { behind.contains(endpoint) ? listed.first : nil }

    /// What stands behind others was of another plan.
    mutating func planChanged() { behind = [] }
}

extension EndpointPlan {
    /// The configured servers in the order in which a round tries them.
    func order(using generator: inout SplitMix64) -> [Endpoint] {
        isShuffled ? endpoints.shuffled(using: &generator) : endpoints
    }

    /// The server of `round` that is to be gone back to from `endpoint`; nil for none. An allocator has its reasons for
    /// the order of its servers, another each time: they are alike, and all are better than the listed ones behind them.
    func preferred(in round: EndpointRound, to endpoint: Endpoint) -> Endpoint? {
        guard allocator == nil else { return round.best(before: endpoint) }
        guard !isShuffled, let better = round.preferred(to: endpoint) else { return nil }
        return endpoints.contains(better) ? better : nil
    }
}

/// When to look whether the preferred server is there again, while another one works: after five minutes, and after twice as
/// long each time, up to an hour.
struct PreferenceProbe: Sendable {
    static let shortestWait = Duration.seconds(300)
    static let longestWait = Duration.seconds(3600)

    private(set) var due: Instant?
    private var wait = PreferenceProbe.shortestWait

    /// A connection is there; the probe `isWanted` where it is to a server that is not the preferred one.
    mutating func begin(isWanted: Bool, at now: Instant, using generator: inout SplitMix64) {
        wait = PreferenceProbe.shortestWait
        due = nil
        if isWanted { schedule(at: now, using: &generator) }
    }

    /// It was not there.
    mutating func failed(at now: Instant, using generator: inout SplitMix64) {
        wait = min(wait * 2, PreferenceProbe.longestWait)
        schedule(at: now, using: &generator)
    }

    /// Whether to look now. Then it is not due any more until `failed`.
    mutating func isDue(at now: Instant) -> Bool {
        guard let due, due <= now else { return false }
        self.due = nil
        return true
    }

    /// Not all identities at once.
    private mutating func schedule(at now: Instant, using generator: inout SplitMix64) {
        let nanoseconds = wait.wholeNanoseconds
        due = now + .nanoseconds(Int64.random(in: nanoseconds / 5 * 4...nanoseconds / 5 * 6, using: &generator))
    }
}
