/// When to try again.
package struct ReconnectPolicy: Equatable, Sendable {
    /// What a KICK leads to: the same user, on the same type of client, signed in elsewhere.
    package enum KickReaction: Equatable, Sendable {
        /// Wait this long, then sign in again.
        case wait(Duration)
        /// Stay away until an operator asks for a connection.
        case stop
    }

    /// The bounds of the decorrelated jitter between rounds.
    package var shortestWait: Duration
    package var longestWait: Duration
    /// A connection that stayed bound for this long makes the waits begin at the shortest again.
    package var resetAfter: Duration
    package var onKick: KickReaction

    package init(shortestWait: Duration, longestWait: Duration, resetAfter: Duration, onKick: KickReaction) {
        self.shortestWait = shortestWait
        self.longestWait = longestWait
        self.resetAfter = resetAfter
        self.onKick = onKick
    }
}
