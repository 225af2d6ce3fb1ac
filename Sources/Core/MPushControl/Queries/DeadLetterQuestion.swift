/// `GET /v1/dead-letters`: which dead letters.
package struct DeadLetterQuestion: Equatable, Sendable {
    /// nil for those of all routes.
    package var route: String?
    /// Only what comes after this position.
    package var after: Int64 = 0
    /// And of that position, what comes after this route's; nil for none.
    package var afterRoute: String?
    /// 1 to 1000.
    package var limit = 100

    package init() {}
}
