/// What there is to say of a route at a moment; its counters are since the start.
package struct RouteStatus: Equatable, Sendable {
    package let name: String
    /// The key of its target in the configuration: `exec`, `webhook`, `mqtt` and so on.
    package var kind: String
    package var state = RouteState.idle
    /// How long an operator wants nothing handed over; nil where nobody wants that.
    package var pause: RoutePause?
    /// Messages confirmed.
    package var done: UInt64 = 0
    /// Of them, in the last minute.
    package var doneLastMinute = 0
    /// Messages that its filter did not want.
    package var passed: UInt64 = 0
    /// Failed attempts.
    package var failures: UInt64 = 0
    /// Stored and wanted, or not looked at yet, and not settled: at least.
    package var waiting = 0
    /// Attempts under way.
    package var running = 0
    package var deadLetters = 0
    /// Messages given up since the start.
    package var buried: UInt64 = 0
    /// How long ago, by the wall clock, the oldest of the messages came that wait or are under way; nil where there is none,
    /// or where it is not read yet.
    package var oldestWaiting: Duration?
    /// What the last failure was, in words, as long as nothing was confirmed after it.
    package var lastFailure: String?
    /// How long the target is seen to be down, and messages wait for it; nil while it is not.
    package var targetDownFor: Duration?
    /// How long until the next attempt, while the route waits after a failure.
    package var nextAttempt: Duration?

    package init(name: String, kind: String) {
        self.name = name
        self.kind = kind
    }
}
