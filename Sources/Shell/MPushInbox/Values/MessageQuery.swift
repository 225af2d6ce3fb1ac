/// A page of the inbox, oldest first.
package struct MessageQuery: Equatable, Sendable {
    /// How far a message has come with a route.
    package enum State: String, CaseIterable, Sendable {
        /// The route has not settled it yet.
        case pending
        /// The route has settled it.
        case done
        case dead
    }

    /// A page ends with the message that makes its content this long, in bytes.
    package static let pageBytes = 4 << 20

    /// Only what comes after it.
    package var after: MessagePosition
    /// Messages at most, 1 to 1001; fewer where they are long (`pageBytes`).
    package var limit: Int
    package var identity: String?
    package var id: String?
    /// Together: only those in that state with that consumer.
    package var consumer: ConsumerName?
    package var state: State?
    /// From the newest backwards; `after` is then a bound to stay below.
    package var isNewestFirst: Bool

    package init(
        after: MessagePosition = .start, limit: Int = 100, identity: String? = nil, id: String? = nil,
        consumer: ConsumerName? = nil, state: State? = nil, isNewestFirst: Bool = false
    ) {
        self.after = after
        self.limit = limit
        self.identity = identity
        self.id = id
        self.consumer = consumer
        self.state = state
        self.isNewestFirst = isNewestFirst
    }
}
