package import MPushModel

/// When one connection has ended, and why: however it ends, that is told once, and within a time of its own. A pure value.
///
/// The first cause that is found is the one that is told. From then on, and as long as the session is not open, a deadline
/// of last resort holds: each step has a shorter one, so it passes only where one of them was lost. It is told as our own
/// fault, in words that name what hung.
package struct ConnectionEnding: Equatable, Sendable {
    /// How long a connection may take, all in all.
    package struct Limits: Equatable, Sendable {
        /// From the TCP connection to the session that can be used.
        package var opening: Duration
        /// From the wish to close to the end.
        package var closing: Duration

        package init(opening: Duration, closing: Duration) {
            self.opening = opening
            self.closing = closing
        }

        /// Longer than all that `session` may take, after TLS that may take `securing`.
        package init(securing: Duration, session: SessionSettings) {
            opening =
                securing + session.handshakeTimeout * 2 + session.bindTimeout * (1 + max(0, session.requestRetries))
                + .seconds(10)
            closing = .seconds(5)
        }
    }

    /// What the driver has to do.
    package enum Verdict: Equatable, Sendable {
        case nothing
        /// Close the connection, for this cause.
        case close(LossCause)
        /// The connection has ended for this cause: report it, and release it, whatever it does. Never twice.
        case ended(LossCause)
    }

    private enum Phase: Equatable, Sendable {
        case opening(due: Instant)
        case open
        case closing(LossCause, due: Instant)
        case ended
    }

    private let limits: Limits
    private var phase: Phase

    /// A connection that was made at `now`.
    package init(limits: Limits, at now: Instant) {
        self.limits = limits
        phase = .opening(due: now + limits.opening)
    }

    /// When `deadlineReached` is to be called next.
    package var nextDeadline: Instant? {
        switch phase {
        case .opening(let due), .closing(_, let due): due
        case .open, .ended: nil
        }
    }

    /// Whether the connection goes on, as far as is known.
    package var goesOn: Bool {
        switch phase {
        case .opening, .open: true
        case .closing, .ended: false
        }
    }

    /// Whether the end was told.
    package var hasEnded: Bool { phase == .ended }

    // MARK: - Facts

    /// The session can be used.
    package mutating func opened() {
        if case .opening = phase { phase = .open }
    }

    /// A cause to end the connection was found: by us, in an error, or because somebody wishes it.
    package mutating func causeFound(_ cause: LossCause, at now: Instant) -> Verdict {
        guard goesOn else { return .nothing }
        phase = .closing(cause, due: now + limits.closing)
        return .close(cause)
    }

    /// The connection is gone, for `cause` where no other was found before.
    package mutating func gone(otherwise cause: @autoclosure () -> LossCause) -> Verdict {
        switch phase {
        case .opening, .open: return end(cause())
        case .closing(let found, _): return end(found)
        case .ended: return .nothing
        }
    }

    /// The time of `nextDeadline` has come. Called early, it does nothing.
    package mutating func deadlineReached(at now: Instant) -> Verdict {
        switch phase {
        case .opening(let due) where due.wasSleptThrough(at: now):
            phase = .opening(due: now + limits.opening)
            return .nothing
        case .opening(let due) where due <= now:
            let detail =
                "no session within \(limits.opening.humanReadable) of the connection, though each step has a shorter limit"
            return causeFound(.ownFault(detail: detail), at: now)
        case .closing(let cause, let due) where due.wasSleptThrough(at: now):
            phase = .closing(cause, due: now + limits.closing)
            return .nothing
        case .closing(let cause, let due) where due <= now:
            let time = limits.closing.humanReadable
            return end(
                .ownFault(detail: "the connection was still there \(time) after it was closed (\(cause.sentence))"))
        case .opening, .open, .closing, .ended: return .nothing
        }
    }

    /// The driver lets go of the connection, whatever it does.
    package mutating func abandoned(_ cause: LossCause) -> Verdict {
        hasEnded ? .nothing : end(cause)
    }

    private mutating func end(_ cause: LossCause) -> Verdict {
        phase = .ended
        return .ended(cause)
    }
}
