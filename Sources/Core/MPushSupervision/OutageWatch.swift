package import MPushModel

/// Since when an identity has had no bound user, where one is wished, and how many attempts have failed since.
package struct OutageWatch: Equatable, Sendable {
    /// An outage that lasts.
    package struct Outage: Equatable, Sendable {
        package let since: WallTime
        /// The same by a clock that nobody sets.
        package let began: Instant
        fileprivate let attemptsBefore: UInt64
    }

    /// nil while a user is bound, or an operator wants none.
    package private(set) var outage: Outage?

    /// From the start of an identity on.
    package init(at now: Instant, wall: WallTime) {
        outage = Outage(since: wall, began: now, attemptsBefore: 0)
    }

    /// The connection is in `state` now, after `attempts` since the start.
    /// - Parameter isWished: whether a user is to be bound at all.
    package mutating func stateChanged(
        to state: ConnectionState, isWished: Bool, attempts: UInt64, at now: Instant, wall: WallTime
    ) {
        guard isWished else {
            outage = nil
            return
        }
        switch state {
        case .online, .suspect, .paused, .unbound: outage = nil
        case .noNetwork, .waiting, .resolving, .connecting, .proxy, .securing, .resuming, .handshaking, .binding,
            .closing:
            if outage == nil { outage = Outage(since: wall, began: now, attemptsBefore: attempts) }
        }
    }
}

extension OutageWatch.Outage {
    /// How many of `total` attempts since the start it has seen.
    package func attempts(of total: UInt64) -> UInt64 { total > attemptsBefore ? total - attemptsBefore : 0 }
}
