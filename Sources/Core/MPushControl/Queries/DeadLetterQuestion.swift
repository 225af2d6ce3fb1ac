/// `GET /v1/dead-letters`: which dead letters.
package struct DeadLetterQuestion: Equatable, Sendable {
    /// nil for those of all routes.
    package var route: String?
    /// Only what comes after this position.
    package var after: Int64 = 0
    /// 1 to 1000.
    package var limit = 100

    package init() {}
}
