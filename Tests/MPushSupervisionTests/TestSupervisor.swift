import MPushConfiguration
import MPushModel
import MPushSupervision

/// A supervisor with a clock of its own, and all that it said.
struct TestSupervisor {
    static let refused = LossCause.connect(detail: "connection refused")
    static let missed = LossCause.missedReads(count: 2, silence: .seconds(191))

    var supervisor: Supervisor
    private(set) var now = Instant.zero + .seconds(1000)
    private(set) var reports: [SupervisorReport] = []

    init(
        endpoints: [String] = ["a:1"], isShuffled: Bool = false, usesAllocator: Bool = false,
        onKick: ReconnectPolicy.KickReaction = .wait(.seconds(300)), seed: UInt64 = 1
    ) {
        supervisor = Supervisor(
            plan: .of(endpoints, isShuffled: isShuffled, usesAllocator: usesAllocator), policy: .usual(onKick),
            seed: seed)
    }

    /// Started, and online at `a:1`.
    static func online(
        endpoints: [String] = ["a:1"], usesAllocator: Bool = false,
        onKick: ReconnectPolicy.KickReaction = .wait(.seconds(300))
    ) -> TestSupervisor {
        var test = TestSupervisor(endpoints: endpoints, usesAllocator: usesAllocator, onKick: onKick)
        _ = test.start()
        if usesAllocator { _ = test.allocated(endpoints) }
        test.becomeOnline()
        return test
    }

    /// Started, and one round has failed.
    static func waiting() -> TestSupervisor {
        var test = TestSupervisor()
        _ = test.start()
        _ = test.end(TestSupervisor.refused)
        return test
    }

    mutating func wait(_ duration: Duration) { now += duration }

    mutating func start() -> [SupervisorAction] { note(supervisor.started(at: now)) }

    mutating func end(_ cause: LossCause) -> [SupervisorAction] { note(supervisor.connectionEnded(cause, at: now)) }

    mutating func endOfMootKick() -> [SupervisorAction] {
        note(supervisor.connectionEnded(.kicked, isKickMoot: true, at: now))
    }

    mutating func probed(_ endpoint: String, isGood: Bool) -> [SupervisorAction] {
        note(supervisor.probed(.of(endpoint), isGood: isGood, at: now))
    }

    /// How long until anything is due; nil for nothing.
    var pendingDeadline: Duration? { supervisor.nextDeadline.map { $0 - now } }

    mutating func becomeOnline() { supervisor.becameOnline(at: now) }

    mutating func allocated(_ endpoints: [String]) -> [SupervisorAction] {
        note(supervisor.allocatorAnswered(endpoints.map(Endpoint.of), at: now))
    }

    mutating func allocatorFailed(_ cause: LossCause? = nil, last: [Endpoint] = []) -> [SupervisorAction] {
        note(supervisor.allocatorFailed("no answer", cause, last: last, at: now))
    }

    mutating func reconnect() -> [SupervisorAction] { note(supervisor.reconnectRequested(at: now)) }

    mutating func giveUpUser() -> [SupervisorAction] { note(supervisor.userChanged(at: now)) }

    mutating func network(hasRoute: Bool, isNews: Bool = false) -> [SupervisorAction] {
        note(supervisor.networkChanged(hasRoute: hasRoute, isNews: isNews, at: now))
    }

    mutating func pause() -> [SupervisorAction] { note(supervisor.pauseRequested(at: now)) }

    mutating func stop() -> [SupervisorAction] { note(supervisor.stopRequested(at: now)) }

    mutating func reconfigure(
        _ plan: EndpointPlan, _ policy: ReconnectPolicy = .usual(), mustReconnect: Bool = false,
        isOtherUser: Bool = false
    ) -> [SupervisorAction] {
        note(
            supervisor.reconfigured(
                plan: plan, policy: policy, mustReconnect: mustReconnect, isOtherUser: isOtherUser, at: now))
    }

    /// Goes to the deadline of last resort.
    mutating func reachLimit() -> [SupervisorAction] {
        guard supervisor.nextAttempt == nil, let limit = supervisor.nextDeadline else { return [] }
        now = max(now, limit)
        return note(supervisor.deadlineReached(at: now))
    }

    /// Goes to the next attempt's time and does what is due.
    mutating func reachDeadline() -> [SupervisorAction] {
        guard let deadline = supervisor.nextAttempt else { return [] }
        now = max(now, deadline)
        return note(supervisor.deadlineReached(at: now))
    }

    /// How long until the next deadline; nil where there is none.
    var pendingWait: Duration? { supervisor.nextAttempt.map { $0 - now } }

    private mutating func note(_ actions: [SupervisorAction]) -> [SupervisorAction] {
        for case .report(let report) in actions { reports.append(report) }
        return actions
    }
}

extension Endpoint {
    /// The endpoint that `text` names; the tests' own texts are good.
    static func of(_ text: String) -> Endpoint {
        guard let endpoint = try? Endpoint(parsing: text) else { fatalError("\(text) is no endpoint") }
        return endpoint
    }
}

extension EndpointPlan {
    static func of(
        _ endpoints: [String], isShuffled: Bool = false, usesAllocator: Bool = false, allocator: String = "one"
    ) -> EndpointPlan {
        EndpointPlan(
            endpoints: endpoints.map(Endpoint.of), isShuffled: isShuffled,
            allocator: usesAllocator ? try? HTTPURL(parsing: "http://\(allocator).example/") : nil)
    }
}

extension ReconnectPolicy {
    static func usual(
        _ onKick: KickReaction = .wait(.seconds(300)), shortest: Duration = .seconds(1),
        longest: Duration = .seconds(120)
    ) -> ReconnectPolicy {
        ReconnectPolicy(
            shortestWait: shortest, longestWait: longest, resetAfter: .seconds(60), onKick: onKick,
            attemptLimit: .seconds(130), closingLimit: .seconds(15))
    }
}

extension [SupervisorAction] {
    /// The endpoints that are to be connected to: `a:1`.
    var connects: [String] {
        compactMap { if case .connect(let endpoint) = $0 { endpoint.description } else { nil } }
    }
}
