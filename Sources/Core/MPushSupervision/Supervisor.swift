package import MPushModel

/// Decides when and where one identity connects next, and what the end of a connection means. A pure value: facts and
/// the time in, actions out. It never gives up by itself.
///
/// A round tries each endpoint of the plan once, one after the other, without a pause. Between rounds, and after a
/// connection that was bound, it waits with decorrelated jitter. An endpoint that failed last, or bound us and lost us
/// again too soon, is among the last of the next round. While another one works it looks now and then for the preferred
/// one, and goes back to it. Behind the servers of an allocator's answer come the listed ones: it may name the dead.
package struct Supervisor: Sendable {
    /// The most endpoints of an allocator's answer that are used.
    package static let mostAllocated = 64
    /// So many of them are tried before the listed ones: each that is silent takes as long as an attempt may.
    private static let mostAllocatedFirst = 8
    /// Once the clock is set, within so long.
    private static let clockSpread = Duration.milliseconds(500)

    package internal(set) var state = SupervisorState.idle
    /// When that which was asked for last is given up for lost; nil while nothing is awaited.
    var limit: Instant?
    private(set) var plan: EndpointPlan
    var policy: ReconnectPolicy
    var jitter: DecorrelatedJitter
    var generator: SplitMix64
    /// Whether there is a route to a server, as far as is known.
    var hasRoute = true
    var digest = RetryDigest()
    /// The servers of the allocator's last answer, the best first.
    package private(set) var allocated: [Endpoint] = []
    var round = EndpointRound()
    private var probe = PreferenceProbe()
    /// Whether an attempt of this round failed for this machine's clock: as soon as that is set, another one is worth it.
    var isClockInDoubt = false
    /// The last end of a connection or attempt of ours, intended ends not counted; nil before the first.
    package internal(set) var lastEnd: End?

    /// A supervisor that has not started. The same `seed` gives the same waits and shuffles.
    package init(plan: EndpointPlan, policy: ReconnectPolicy, seed: UInt64) {
        self.plan = plan
        self.policy = policy
        jitter = DecorrelatedJitter(shortest: policy.shortestWait, longest: policy.longestWait)
        generator = SplitMix64(seed: seed)
    }

    /// Why the last connection or attempt of ours ended, intended ends not counted; nil before the first.
    package var lastLoss: LossCause? { lastEnd?.cause }

    /// How many attempts failed since a connection was last bound.
    package var failedAttempts: Int { digest.failedAttempts }

    /// When the next attempt begins; nil where none is awaited.
    package var nextAttempt: Instant? {
        if case .waiting(let until, _) = state { until } else { nil }
    }

    /// Whether it is worth while to hear when the wall clock is set.
    package var awaitsClock: Bool {
        switch state {
        case .waiting, .allocating, .attempting: isClockInDoubt
        case .idle, .paused, .noNetwork, .online, .closing, .stopped: false
        }
    }

    /// When `deadlineReached` is to be called next.
    package var nextDeadline: Instant? {
        switch state {
        case .waiting(let until, _): until
        case .allocating, .attempting, .closing: limit
        case .online: probe.due
        case .idle, .paused, .noNetwork, .stopped: nil
        }
    }

    // MARK: - Facts

    /// The daemon runs, or the identity was added.
    package mutating func started(at now: Instant) -> [SupervisorAction] {
        guard case .idle = state else { return [] }
        return beginRound(at: now)
    }

    /// The time of `nextDeadline` has come. Called early, it does nothing.
    package mutating func deadlineReached(at now: Instant) -> [SupervisorAction] {
        switch state {
        case .waiting(let until, _): return until <= now ? beginRound(at: now) : []
        case .allocating: return giveUp("the question to the allocator", after: policy.attemptLimit, at: nil, now)
        case .attempting(let endpoint):
            return giveUp("the attempt to connect", after: policy.attemptLimit, at: endpoint, now)
        case .closing(let endpoint, _, let asked, _):
            let what = "the close of the connection (\(asked.sentence))"
            return giveUp(what, after: policy.closingLimit, at: endpoint, now)
        case .online(let endpoint, _):
            return probe.isDue(at: now) ? plan.preferred(in: round, to: endpoint).map { [.probe($0)] } ?? [] : []
        case .idle, .paused, .noNetwork, .stopped: return []
        }
    }

    /// The server of the last `probe` opens sessions, or does not.
    package mutating func probed(_ better: Endpoint, isGood: Bool, at now: Instant) -> [SupervisorAction] {
        guard case .online(let endpoint, let since) = state, plan.preferred(in: round, to: endpoint) == better
        else { return [] }
        guard isGood else {
            probe.failed(at: now, using: &generator)
            return []
        }
        round.succeeded(at: better)
        return close(endpoint, boundSince: since, .preferredEndpoint, next: .reconnect, at: now)
    }

    /// A close that ends in a fault of our own hung; that would not be seen behind the cause that was asked for. It is, where
    /// the limit here has passed.
    private func hung(_ cause: LossCause, at endpoint: Endpoint) -> [SupervisorAction] {
        guard case .ownFault = cause, limit != nil else { return [] }
        return [.report(.hung(cause, at: endpoint))]
    }

    /// What hangs is let go of: the daemon goes on without it, and says so.
    private mutating func giveUp(
        _ what: String, after time: Duration, at endpoint: Endpoint?, _ now: Instant
    ) -> [SupervisorAction] {
        guard let limit, limit <= now else { return [] }
        guard !limit.wasSleptThrough(at: now) else {
            self.limit = now + time
            return []
        }
        self.limit = nil
        let cause = LossCause.ownFault(detail: "\(what) did not end within \(time.humanReadable)")
        return [.report(.hung(cause, at: endpoint)), .abandon(cause)]
    }

    /// The allocator of the plan gave these servers, the best first.
    package mutating func allocatorAnswered(_ endpoints: [Endpoint], at now: Instant) -> [SupervisorAction] {
        guard case .allocating = state else { return [] }
        guard !endpoints.isEmpty else { return allocatorFailed("its answer names no server", at: now) }
        allocated = Array(endpoints.prefix(Supervisor.mostAllocated))
        digest.allocatorAnswered()
        guard !plan.endpoints.isEmpty else { return tryEndpoints(allocated, at: now) }
        let first = Array(allocated.prefix(Supervisor.mostAllocatedFirst))
        let listed = plan.order(using: &generator).filter { !first.contains($0) }
        let rest = allocated.dropFirst(first.count).filter { !listed.contains($0) }
        return tryEndpoints(first, behind: listed + rest, at: now)
    }

    /// The wall clock was set: what is waited for, where its dates were not believed, is tried again within a second, not by
    /// all identities at once.
    package mutating func clockSet(at now: Instant) {
        guard case .waiting(let until, let cause) = state, isClockInDoubt else { return }
        let soon = now + .nanoseconds(Int64.random(in: 0...Supervisor.clockSpread.wholeNanoseconds, using: &generator))
        state = .waiting(until: min(until, soon), cause: cause)
    }

    /// The allocator gave no answer that can be used, for `cause` where that is more than its own: its last good one is, or
    /// the `last` that is known of it from others, and then the configured servers. Who is away for long may have named
    /// servers that are gone since.
    package mutating func allocatorFailed(
        _ detail: String, _ cause: LossCause? = nil, last: [Endpoint] = [], at now: Instant
    ) -> [SupervisorAction] {
        guard case .allocating = state else { return [] }
        if allocated.isEmpty { allocated = Array(last.prefix(Supervisor.mostAllocated)) }
        if cause?.isOfClock == true { isClockInDoubt = true }
        let fallback: SupervisorReport.AllocatorFallback =
            !allocated.isEmpty ? .lastAnswer : !plan.endpoints.isEmpty ? .configuredEndpoints : .nothing
        let isNews = digest.allocatorFailed() && fallback != .nothing
        let report = isNews ? [SupervisorAction.report(.allocatorFailed(detail: detail, fallback: fallback))] : []
        switch fallback {
        case .lastAnswer:
            let others = plan.order(using: &generator).filter { !allocated.contains($0) }
            return report + tryEndpoints(allocated + others, at: now)
        case .configuredEndpoints: return report + tryEndpoints(plan.order(using: &generator), at: now)
        case .nothing: return report + attemptFailed(cause ?? .allocator(detail: detail), at: nil, now: now)
        }
    }

    /// The connection of the last `connect` is bound, or open without a user where none is wished.
    package mutating func becameOnline(at now: Instant) {
        guard case .attempting(let endpoint) = state else { return }
        state = .online(endpoint, since: now)
        isClockInDoubt = false
        digest.succeeded()
        round.succeeded(at: endpoint)
        probe.begin(isWanted: plan.preferred(in: round, to: endpoint) != nil, at: now, using: &generator)
    }

    /// The connection, or the attempt, of the last `connect` has ended. Where `isKickMoot` the user that was signed in
    /// elsewhere is not wished any more: there is nothing to wait for. After a shortage of this machine, or a change of its
    /// network, which say nothing of the server, the round begins again soon.
    package mutating func connectionEnded(
        _ cause: LossCause, isKickMoot: Bool = false, at now: Instant
    ) -> [SupervisorAction] {
        switch state {
        case .attempting(let endpoint) where isKickMoot: return afterMootKick(from: endpoint, boundFor: .zero, at: now)
        case .online(let endpoint, let since) where isKickMoot:
            return afterMootKick(from: endpoint, boundFor: now - since, at: now)
        case .attempting(let endpoint):
            if case .kicked = cause { return afterKick(from: endpoint, boundFor: .zero, at: now) }
            return attemptFailed(cause, at: endpoint, now: now)
        case .online(let endpoint, let since):
            return lost(cause, from: endpoint, boundFor: now - since, at: now)
        case .closing(let endpoint, let since, let asked, let next):
            return hung(cause, at: endpoint)
                + closed(endpoint, boundFor: since.map { now - $0 }, asked, next: next, at: now)
        case .allocating where cause.isShortage: return attemptFailed(cause, at: nil, now: now)
        case .allocating: return allocatorFailed(cause.sentence, at: now)
        case .idle, .paused, .noNetwork, .waiting, .stopped:
            return []
        }
    }

    // MARK: - Wishes

    /// An operator wants a connection now: skips one wait, ends a stop or pause, replaces a connection that is there.
    package mutating func reconnectRequested(at now: Instant) -> [SupervisorAction] {
        switch state {
        case .stopped(.localStop): return []
        case .paused, .noNetwork, .waiting, .stopped: return tryRound(at: now)
        case .online(let endpoint, let since):
            return close(endpoint, boundSince: since, .operatorRequest, next: .reconnect, at: now)
        case .closing(let endpoint, let since, let cause, .pause):
            state = .closing(endpoint, boundSince: since, cause, next: .reconnect)
            return []
        case .idle, .allocating, .attempting, .closing: return []
        }
    }

    /// Another user is wished, or none: what a KICK led to is over, because a connection takes nothing any more from whoever
    /// signed in elsewhere; and so is what the refusal of another user led to.
    package mutating func userChanged(at now: Instant) -> [SupervisorAction] {
        switch state {
        case .waiting(_, .kicked), .waiting(_, .bind), .stopped(.kicked): return beginRound(at: now)
        case .idle, .paused, .noNetwork, .waiting, .allocating, .attempting, .online, .closing, .stopped: return []
        }
    }

    /// An operator wants no connection until `reconnectRequested`.
    package mutating func pauseRequested(at now: Instant) -> [SupervisorAction] {
        end(.paused, then: .pause, at: now)
    }

    /// The daemon stops, or the identity was removed: nothing is tried any more, whatever is asked for later.
    package mutating func stopRequested(at now: Instant) -> [SupervisorAction] {
        end(.localStop, then: .stop, at: now)
    }

    /// Another plan and policy are in force. A connection is kept unless `mustReconnect`; a wait is over, because what
    /// was changed may be what was wrong. What a KICK led to is over only for another user: the same one is still signed
    /// in elsewhere. A question to the allocator of another plan, or under another trust, is over as well: its answer must
    /// not be told any more.
    package mutating func reconfigured(
        plan: EndpointPlan, policy: ReconnectPolicy, mustReconnect: Bool, isOtherUser: Bool, at now: Instant
    ) -> [SupervisorAction] {
        let isOtherPlan = plan != self.plan
        if isOtherPlan {
            allocated = []
            round.planChanged()
        }
        if policy.shortestWait != self.policy.shortestWait || policy.longestWait != self.policy.longestWait {
            jitter = DecorrelatedJitter(shortest: policy.shortestWait, longest: policy.longestWait)
        }
        self.plan = plan
        self.policy = policy
        switch state {
        case .online(let endpoint, let since) where mustReconnect:
            return close(endpoint, boundSince: since, .reconfigured, next: .reconnect, at: now)
        case .attempting(let endpoint) where mustReconnect || isOtherPlan:
            return close(endpoint, boundSince: nil, .reconfigured, next: .reconnect, at: now)
        case .allocating where mustReconnect || isOtherPlan: return beginRound(at: now)
        case .waiting(_, .kicked) where !isOtherUser: return []
        case .noNetwork, .waiting: return beginRound(at: now)
        case .stopped(.kicked) where isOtherUser: return beginRound(at: now)
        case .idle, .paused, .allocating, .attempting, .online, .closing, .stopped: return []
        }
    }

    // MARK: - Rounds

    mutating func beginRound(at now: Instant) -> [SupervisorAction] {
        hasRoute ? tryRound(at: now) : awaitRoute(at: now)
    }

    private mutating func tryRound(at now: Instant) -> [SupervisorAction] {
        round.end()
        isClockInDoubt = false
        guard plan.allocator != nil else { return tryEndpoints(plan.order(using: &generator), at: now) }
        state = .allocating
        limit = now + policy.attemptLimit
        return [.askAllocator]
    }

    private mutating func tryEndpoints(
        _ endpoints: [Endpoint], behind others: [Endpoint] = [], at now: Instant
    ) -> [SupervisorAction] {
        round.begin(endpoints, behind: others)
        return tryNext(at: now) ?? attemptFailed(.allocator(detail: "no server is configured"), at: nil, now: now)
    }

    private mutating func tryNext(at now: Instant) -> [SupervisorAction]? {
        guard let endpoint = round.next() else { return nil }
        state = .attempting(endpoint)
        limit = now + policy.attemptLimit
        return [.connect(endpoint)]
    }

    private mutating func attemptFailed(
        _ cause: LossCause, at endpoint: Endpoint?, now: Instant
    ) -> [SupervisorAction] {
        lastEnd = End(cause: cause, at: now)
        if cause.isOfClock { isClockInDoubt = true }
        if let endpoint { round.attemptEnded(cause, at: endpoint) }
        let line = digest.attemptFailed(cause, at: now)
        let goesOn = cause.isShortage || cause.isNetworkChange ? nil : tryNext(at: now)
        let wait = goesOn == nil ? waitAfter(cause, at: now) : .zero
        let report = line.map { SupervisorAction.report($0.report(cause, at: endpoint, next: wait)) }
        return [report].compactMap(\.self) + (goesOn ?? [])
    }
}
