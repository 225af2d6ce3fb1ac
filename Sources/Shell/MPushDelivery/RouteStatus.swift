/// What there is to say of a route at a moment.
package struct RouteStatus: Equatable, Sendable {
    package let name: String
    /// `exec`, `webhook` or `file`.
    package internal(set) var kind: String
    /// Messages confirmed since the start.
    package var done: UInt64 = 0
    /// Messages its filter did not want, since the start.
    package var passed: UInt64 = 0
    /// Failed attempts since the start.
    package var failures: UInt64 = 0
    /// Stored and wanted, or not looked at yet, and not settled: at least.
    package var waiting = 0
    package var running = 0
    package var deadLetters = 0
    /// What the last failure was, as long as nothing was confirmed after it.
    package var lastFailure: String?
    /// How long until the next attempt, while the route waits after a failure.
    package var nextAttempt: Duration?

    package init(name: String, kind: String) {
        self.name = name
        self.kind = kind
    }
}
