package import MPushModel

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
    /// The deadlines of last resort, longer than all steps together: a question to the allocator or an attempt to connect,
    /// and a close, that did not end by then never will.
    package var attemptLimit: Duration
    package var closingLimit: Duration

    package init(
        shortestWait: Duration, longestWait: Duration, resetAfter: Duration, onKick: KickReaction,
        attemptLimit: Duration, closingLimit: Duration
    ) {
        self.attemptLimit = attemptLimit
        self.closingLimit = closingLimit
        self.shortestWait = shortestWait
        self.longestWait = longestWait
        self.resetAfter = resetAfter
        self.onKick = onKick
    }
}

/// Where to connect to, and in what order.
package struct EndpointPlan: Equatable, Sendable {
    /// The configured servers; where an allocator is used, what is tried behind its own. May be empty then.
    package var endpoints: [Endpoint]
    /// Try the configured servers in a new random order in each round, not as they are listed.
    package var isShuffled: Bool
    /// Whom to ask at the beginning of each round (PROTOCOL.md section 8); nil for nobody.
    package var allocator: HTTPURL?

    package init(endpoints: [Endpoint], isShuffled: Bool, allocator: HTTPURL?) {
        self.endpoints = endpoints
        self.isShuffled = isShuffled
        self.allocator = allocator
    }
}
