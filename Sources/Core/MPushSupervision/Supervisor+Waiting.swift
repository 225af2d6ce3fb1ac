package import MPushModel

/// How long to wait, and what the machine's network has to do with it.
extension Supervisor {
    /// The machine's network has changed, or was looked at for the first time. Without a route to any server nothing is tried.
    /// Where a route came, or another one, a wait for what failed on the old ones is over; all machines of a site may hear of
    /// it at once.
    package mutating func networkChanged(hasRoute: Bool, isNews: Bool, at now: Instant) -> [SupervisorAction] {
        self.hasRoute = hasRoute
        switch state {
        case .waiting(_, let cause) where !Supervisor.isOfThePath(cause): return []
        case .waiting where !hasRoute: return awaitRoute(at: now)
        case .waiting(let until, let cause) where isNews:
            jitter.reset()
            state = .waiting(until: min(until, now + shortWait()), cause: cause)
        case .noNetwork where hasRoute:
            jitter.reset()
            let cause = lastLoss ?? .networkChanged(detail: "there was no route to a server")
            state = .waiting(until: now + shortWait(), cause: cause)
        case .idle, .paused, .noNetwork, .waiting, .allocating, .attempting, .online, .closing, .stopped: break
        }
        return []
    }

    /// The servers that are known.
    package var servers: [Endpoint] { plan.endpoints + allocated }

    /// Who names others.
    package var allocator: HTTPURL? { plan.allocator }

    /// Whether the last attempt failed because a name was not found.
    package var wasNameNotFound: Bool {
        if case .resolve = lastLoss { true } else { false }
    }

    mutating func awaitRoute(at now: Instant) -> [SupervisorAction] {
        state = .noNetwork
        return digest.routeLost(at: now) ? [.report(.noNetwork)] : []
    }

    /// Whether another way to the server may help.
    private static func isOfThePath(_ cause: LossCause) -> Bool {
        switch cause {
        case .kicked, .bind, .clock: false
        case .allocator, .resolve, .connect, .tls, .handshake, .missedReads, .networkChanged, .closedByPeer, .reset,
            .proxy, .preferredEndpoint, .protocolError, .operatorRequest, .reconfigured, .paused, .localStop, .shortage,
            .ownFault:
            true
        }
    }

    /// Waits after `cause`, and returns for how long; nil until there is a route.
    mutating func waitAfter(_ cause: LossCause, at now: Instant) -> Duration? {
        guard hasRoute else {
            state = .noNetwork
            return nil
        }
        let wait =
            cause.isShortage || isClockInDoubt
            ? shortageWait() : cause.isNetworkChange ? shortWait() : jitter.next(using: &generator)
        state = .waiting(until: now + wait, cause: cause)
        return wait
    }

    /// Soon, and not all identities in step.
    private mutating func shortageWait() -> Duration {
        let shortest = policy.shortestWait.wholeNanoseconds
        return .nanoseconds(Int64.random(in: shortest...max(shortest, 15_000_000_000), using: &generator))
    }

    /// What was in the way is over.
    private mutating func shortWait() -> Duration {
        .milliseconds(Int64.random(in: 10...300, using: &generator))
    }
}
