/// `GET /v1/events`: which events.
package struct EventQuestion: Equatable, Sendable {
    /// Only what comes after this number.
    package var after: UInt64 = 0
    /// 1 to 1000.
    package var limit = 100

    package init() {}
}
