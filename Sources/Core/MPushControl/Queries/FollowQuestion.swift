/// `GET /v1/messages/follow`: messages as they come.
package struct FollowQuestion: Equatable, Sendable {
    /// Where a name that is new begins.
    package enum Start: String, CaseIterable, Sendable {
        /// What comes from now on.
        case new
        /// All that the inbox still has.
        case oldest
    }

    /// The durable follower's name; nil for a tail, which acknowledges nothing and is not remembered.
    package var consumer: String?
    /// For a tail, too.
    package var start = Start.new
    /// Messages that it may have without having acknowledged them, 1 to 10,000; nil for what is configured.
    package var window: Int?

    package init() {}
}
