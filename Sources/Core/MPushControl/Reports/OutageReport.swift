package import MPushJSON
package import MPushModel

/// An outage that lasts.
package struct OutageReport: ControlValue {
    /// When the last user was bound no more, or the daemon was started.
    package let since: WallTime
    /// How long ago that was, by a clock that nobody sets.
    package let age: Duration
    /// Attempts that failed since.
    package let attempts: UInt64

    package init(since: WallTime, age: Duration, attempts: UInt64) {
        self.since = since
        self.age = age
        self.attempts = attempts
    }
}

extension OutageReport {
    package init(json: JSONValue) throws(ControlError) {
        let object = try ObjectReader(json)
        since = try object.time("since")
        age = try object.duration("seconds")
        attempts = try object.number("attempts")
    }

    package var json: JSONValue {
        var object = ObjectWriter()
        object.add("since", since)
        object.add("seconds", age)
        object.add("attempts", attempts)
        return object.json
    }
}
