/// A message that a route has given up.
package struct DeadLetter: Equatable, Sendable {
    package let message: StoredMessage
    package let route: String
    package let attempts: Int
    /// What was wrong at the last attempt, in words: at most `AttemptResult.longestReason` bytes.
    package let reason: String
    package let buried: WallTime

    package init(message: StoredMessage, route: String, attempts: Int, reason: String, buried: WallTime) {
        self.message = message
        self.route = route
        self.attempts = attempts
        self.reason = reason
        self.buried = buried
    }
}

/// Which dead letters, the oldest message first.
package struct DeadLetterQuery: Equatable, Sendable {
    /// nil for those of all routes.
    package var route: String?
    /// Only what comes after this position.
    package var after: MessagePosition
    /// And of that position, what comes after this route's; nil for none.
    package var afterRoute: String?
    /// 1 to 1000; a page has fewer where the messages are long.
    package var limit: Int

    package init(
        route: String? = nil, after: MessagePosition = .start, afterRoute: String? = nil, limit: Int = 100
    ) {
        self.route = route
        self.after = after
        self.afterRoute = afterRoute
        self.limit = limit
    }
}

/// A page of dead letters.
package struct DeadLetterPage: Equatable, Sendable {
    package let deadLetters: [DeadLetter]
    /// Whether there may be more after the last of them.
    package let hasMore: Bool

    package init(deadLetters: [DeadLetter], hasMore: Bool = false) {
        self.deadLetters = deadLetters
        self.hasMore = hasMore
    }

    /// The letter after which the next page begins; nil where this is the last page. The position alone does not say it:
    /// several routes may have given up one message.
    package var next: DeadLetter? { hasMore ? deadLetters.last : nil }
}
