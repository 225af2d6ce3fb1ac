package import MPushJSON

/// A route at a moment; its counters are since the start.
package struct RouteReport: ControlValue {
    package let name: String
    /// `exec`, `webhook` or `file`.
    package let kind: String
    /// Messages confirmed.
    package var done: UInt64 = 0
    /// Messages that its filter did not want.
    package var passed: UInt64 = 0
    /// Failed attempts.
    package var failures: UInt64 = 0
    /// Messages not settled yet.
    package var waiting = 0
    /// Attempts under way.
    package var running = 0
    package var deadLetters = 0
    /// In words, until something is confirmed after it.
    package var lastFailure: String?
    /// How long until the next attempt, while the route waits after a failure.
    package var nextAttempt: Duration?

    package init(name: String, kind: String) {
        self.name = name
        self.kind = kind
    }
}

extension RouteReport {
    package init(json: JSONValue) throws(ControlError) {
        let object = try ObjectReader(json)
        name = try object.text("name")
        kind = try object.text("kind")
        done = try object.number("done")
        passed = try object.number("passed")
        failures = try object.number("failures")
        waiting = try object.number("waiting")
        running = try object.number("running")
        deadLetters = try object.number("dead_letters")
        lastFailure = try object.textIfPresent("last_failure")
        nextAttempt = try object.durationIfPresent("next_attempt_seconds")
    }

    package var json: JSONValue {
        var object = ObjectWriter()
        object.add("name", name)
        object.add("kind", kind)
        object.add("done", done)
        object.add("passed", passed)
        object.add("failures", failures)
        object.add("waiting", waiting)
        object.add("running", running)
        object.add("dead_letters", deadLetters)
        object.add("last_failure", lastFailure)
        object.add("next_attempt_seconds", nextAttempt)
        return object.json
    }
}
