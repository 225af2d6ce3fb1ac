package import MPushJSON
package import MPushTime

/// A message that a route has given up.
package struct DeadLetterReport: ControlValue {
    package let route: String
    package let attempts: Int
    /// What was wrong at the last, in words.
    package let reason: String
    package let buried: WallTime
    package let message: MessageReport

    package init(route: String, attempts: Int, reason: String, buried: WallTime, message: MessageReport) {
        self.route = route
        self.attempts = attempts
        self.reason = reason
        self.buried = buried
        self.message = message
    }
}

extension DeadLetterReport {
    package init(json: JSONValue) throws(ControlError) {
        let object = try ObjectReader(json)
        route = try object.text("route")
        attempts = try object.number("attempts")
        reason = try object.text("reason")
        buried = try object.time("buried")
        message = try object.value("message")
    }

    package var json: JSONValue {
        var object = ObjectWriter()
        object.add("route", route)
        object.add("attempts", attempts)
        object.add("reason", reason)
        object.add("buried", buried)
        object.add("message", message)
        return object.json
    }
}
