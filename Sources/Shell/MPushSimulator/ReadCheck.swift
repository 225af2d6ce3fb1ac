package import MPushModel

/// The server's own watch over a connection: it looks at each heartbeat interval whether anything was read, and gives
/// the connection up at the third missed read in a row (PROTOCOL.md sections 5 and 6).
package struct ReadCheck: Sendable {
    /// What a check found.
    package enum Verdict: Equatable, Sendable {
        case checkAgain(at: Instant)
        case close
    }

    private let forgiven: Int
    private var interval: Duration
    private var lastRead: Instant
    private var missed = 0

    /// The watch over a connection accepted at `now`: no heartbeat is agreed yet, so the first interval holds.
    package init(firstInterval: Duration, forgiven: Int, at now: Instant) {
        interval = firstInterval
        self.forgiven = forgiven
        lastRead = now
    }

    /// Any byte counts.
    package mutating func dataRead(at now: Instant) {
        lastRead = now
    }

    /// The interval from the next check on: the one under way is not cut short, as in the real server.
    package mutating func heartbeatAgreed(_ heartbeat: Duration) {
        interval = max(heartbeat, .milliseconds(1))
    }

    /// Looks whether a read was missed.
    package mutating func checkDue(at now: Instant) -> Verdict {
        missed = now - lastRead > interval + .seconds(1) ? missed + 1 : 0
        return missed > forgiven ? .close : .checkAgain(at: now + interval)
    }
}
