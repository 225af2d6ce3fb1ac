package import MPushModel

/// When to look at the machine's network anew: once for all that the kernel says within a moment, and now and then while
/// there is no route, in case that something was not said. A pure value.
package struct NetworkBell: Sendable {
    /// A change comes in several parts: the address goes, the routes go, others come.
    package static let settling = Duration.milliseconds(150)
    /// Between two looks while there is no route.
    package static let idleLook = Duration.seconds(300)

    /// Why it is time to look.
    package enum Reason: Equatable, Sendable {
        case change
        /// Nobody said anything for a while, and there was no route.
        case idle
    }

    private var due: (at: Instant, Reason)?

    package init() {}

    /// When `deadlineReached` is to be called next.
    package var nextDeadline: Instant? { due?.at }

    /// The kernel says that something has changed.
    package mutating func rang(at now: Instant) {
        if case (_, .change)? = due { return }
        due = (now + NetworkBell.settling, .change)
    }

    /// It was looked; somebody waits for a route, or nobody does.
    package mutating func looked(isRouteAwaited: Bool, at now: Instant) {
        if case (_, .change)? = due { return }
        due = isRouteAwaited ? (now + NetworkBell.idleLook, .idle) : nil
    }

    /// Why it is time to look; nil where it is not yet.
    package mutating func deadlineReached(at now: Instant) -> Reason? {
        guard let (at, reason) = due, at <= now else { return nil }
        due = nil
        return reason
    }
}

/// Whether the machine has slept: CLOCK_BOOTTIME went ahead of CLOCK_MONOTONIC since the last look, or somebody says so. Both
/// for one sleep count once.
package struct SleepGauge: Equatable, Sendable {
    /// The two clocks are not read at the same moment.
    private static let tolerance = Duration.milliseconds(500)
    /// What is said within this time of a sleep that was counted is about that one.
    private static let sameSleep = Duration.seconds(60)

    private var difference: Duration?
    private var isTold = false
    private var counted: Instant?

    package init() {}

    /// Somebody says that the machine is about to sleep: what is said next is about that sleep, however soon it comes.
    /// Clocks that stand still do not show how long it was.
    package mutating func sleeps() {
        counted = nil
    }

    /// Somebody says that the machine has woken. False where that is known already.
    package mutating func told(at now: Instant) -> Bool {
        if let counted, now - counted < SleepGauge.sameSleep { return false }
        isTold = true
        return true
    }

    /// The clocks show this now. True where the machine slept since they were read before.
    package mutating func read(_ now: Instant, monotonic: Duration) -> Bool {
        let difference = now.sinceBoot - monotonic
        let before = self.difference ?? difference
        self.difference = difference
        guard difference - before > SleepGauge.tolerance || isTold else { return false }
        isTold = false
        counted = now
        return true
    }
}

/// The way of one connection, and what a change of the network means for it.
package struct ConnectionPath: Equatable, Sendable {
    /// What is to be done with the connection.
    package enum Verdict: Equatable, Sendable {
        case keep
        /// It may live or not: the server is asked at once. The reason stands in the cause, where no answer comes.
        case ask(reason: String)
        /// It cannot live.
        case giveUp(reason: String)
    }

    /// The address of this end.
    private let source: String
    private var route: RouteAnswer

    /// A connection from `source`, to whose peer the machine knows `route`.
    package init(from source: String, route: RouteAnswer) {
        self.source = source
        self.route = route
    }

    /// The network has changed: the way to the peer is `route`, and the machine has `addresses` of its own; nil where
    /// nobody can say.
    package mutating func networkChanged(route new: RouteAnswer, addresses: Set<String>?) -> Verdict {
        let old = route
        if new != .unknown { route = new }
        if let addresses, !addresses.contains(source) {
            return .giveUp(reason: "this machine does not have the address \(source) any more")
        }
        guard new != old else { return .keep }
        switch (old, new) {
        case (_, .unknown), (.unknown, _): return .keep
        case (_, .none): return .ask(reason: "there is no route to the server any more")
        case (.none, .path(let path)): return path.source == source ? .keep : .ask(reason: otherWay(path))
        case (.path(let before), .path(let path)):
            if path.source != source || path.link != before.link { return .ask(reason: otherWay(path)) }
            return path.isLinkUp ? .keep : .ask(reason: "the link is down")
        }
    }

    private func otherWay(_ path: NetworkPath) -> String {
        path.source == source
            ? "the way to the server is over another link"
            : "the way to the server is from \(path.source), not from \(source)"
    }
}

/// Whether there is a way to any server, and whether there is one that was not there before.
package struct ServerRoutes: Equatable, Sendable {
    /// What a look at the routes of all servers comes to.
    package struct Change: Equatable, Sendable {
        package let hasRoute: Bool
        /// Whether there is a path that was not there at the last look: what failed on others may go on it.
        package let isNews: Bool

        package init(hasRoute: Bool, isNews: Bool) {
            self.hasRoute = hasRoute
            self.isNews = isNews
        }
    }

    private var paths: Set<NetworkPath>?

    package init() {}

    /// The routes to all addresses of all servers; `isComplete` where there are no servers whose addresses nobody knows. A look
    /// for another reason than that something has changed has no news, and takes none away from the next.
    package mutating func looked(
        _ routes: some Collection<RouteAnswer>, isComplete: Bool, isChange: Bool = true
    ) -> Change {
        let before = paths
        let found = Set(routes.compactMap { if case .path(let path) = $0, path.isLinkUp { path } else { nil } })
        // Where no address is known yet, nobody has looked: a path that is found with the first of them is not new.
        let isBlind = found.isEmpty && !isComplete && routes.isEmpty
        if !isBlind, isChange || before == nil { paths = found }
        return Change(
            hasRoute: routes.contains { $0.mayLead } || !isComplete,
            isNews: isChange && before.map { !found.subtracting($0).isEmpty } ?? false)
    }
}
