package import MPushRouting

/// `[[route]]`: which messages go to whom, and how.
package struct RouteSettings: Equatable, Sendable {
    /// Where a route's messages go.
    package enum Target: Equatable, Sendable {
        case exec(ExecSettings)
        case webhook(WebhookSettings)
        case file(FileTargetSettings)
    }

    /// What a route that is new begins with.
    package enum Start: String, CaseIterable, Sendable {
        /// What comes from now on.
        case new
        /// All that the inbox still has.
        case oldest
    }

    /// As identities are named; unique among routes.
    package let name: String
    package let filter: RouteFilter
    package let target: Target
    /// Messages under way at once, 1 to 64. With 1 their order is kept.
    package let concurrency: Int
    package let retry: RetryPolicy
    package let start: Start

    package init(
        name: String, filter: RouteFilter = RouteFilter(), target: Target, concurrency: Int = 1,
        retry: RetryPolicy = RetryPolicy(), start: Start = .new
    ) {
        self.name = name
        self.filter = filter
        self.target = target
        self.concurrency = concurrency
        self.retry = retry
        self.start = start
    }
}
