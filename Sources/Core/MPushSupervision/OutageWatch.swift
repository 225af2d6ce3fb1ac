package import MPushModel

/// Since when an identity has had no bound user, where one is wished, and how many attempts have failed since.
package struct OutageWatch: Equatable, Sendable {
    /// An outage that lasts.
    package struct Outage: Equatable, Sendable {
        package let since: WallTime
        /// The same by a clock that nobody sets.
        package let began: Instant
        /// How many attempts have failed.
        package fileprivate(set) var attempts = 0
        fileprivate let failedBefore: Int
    }

    /// What there is to say of an outage that is over.
    package struct End: Equatable, Sendable {
        package let length: Duration
        /// How many attempts had failed.
        package let attempts: Int
        /// Why the last connection, or attempt, had ended; nil where there was none.
        package fileprivate(set) var cause: LossCause?
    }

    /// nil while a user is bound, or an operator wants none.
    package private(set) var outage: Outage?
    private var end: End?

    /// From the start of an identity on.
    package init(at now: Instant, wall: WallTime) {
        outage = Outage(since: wall, began: now, failedBefore: 0)
    }

    /// So many attempts have failed since a connection was last opened (`Supervisor.failedAttempts`).
    package mutating func attemptsFailed(_ failed: Int) {
        guard let outage, failed - outage.failedBefore > outage.attempts else { return }
        self.outage?.attempts = failed - outage.failedBefore
    }

    /// The connection is in `state` now, after so many attempts that `failed` since the last one was opened.
    /// - Parameter isWished: whether a user is to be bound at all.
    package mutating func stateChanged(
        to state: ConnectionState, isWished: Bool, failed: Int, at now: Instant, wall: WallTime
    ) {
        guard isWished else {
            outage = nil
            return
        }
        switch state {
        case .online, .suspect:
            if let outage { end = End(length: now - outage.began, attempts: outage.attempts) }
            outage = nil
        case .paused, .unbound: outage = nil
        case .noNetwork, .waiting, .resolving, .connecting, .proxy, .securing, .resuming, .handshaking, .binding,
            .closing:
            if outage == nil { outage = Outage(since: wall, began: now, failedBefore: failed) }
        }
    }

    /// The outage that a bound user has ended, once; `cause` is why the last connection or attempt had ended.
    package mutating func takeEnd(cause: LossCause?) -> End? {
        guard var end else { return nil }
        self.end = nil
        end.cause = cause
        return end
    }
}
