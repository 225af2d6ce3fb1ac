/// `GET /v1/messages`: which messages.
package struct MessageQuestion: Equatable, Sendable {
    /// How far a message has come with a route.
    package enum State: String, CaseIterable, Sendable {
        /// The route has not settled it yet.
        case pending
        /// The route has settled it.
        case done
        case dead
    }

    /// Only what comes after this position; with `isNewestFirst` what comes before it. nil for the begin.
    package var after: Int64?
    /// 1 to 1000.
    package var limit = 100
    package var identity: String?
    package var id: String?
    /// Always together with `state`.
    package var route: String?
    package var state: State?
    /// `order=newest`: from the newest backwards.
    package var isNewestFirst = false

    package init() {}
}
