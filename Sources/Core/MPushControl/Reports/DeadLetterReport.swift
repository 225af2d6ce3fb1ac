package import MPushJSON
package import MPushModel

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

/// A page of dead letters.
package struct DeadLetterPage: ControlValue {
    package let deadLetters: [DeadLetterReport]
    /// What `after` has to be for the next page; nil where this is the last.
    package var next: Int64?
    /// What `after_route` has to be then: several routes may have given up one message.
    package var nextRoute: String?

    package init(deadLetters: [DeadLetterReport]) {
        self.deadLetters = deadLetters
    }
}

extension DeadLetterPage {
    package init(json: JSONValue) throws(ControlError) {
        let object = try ObjectReader(json)
        deadLetters = try object.list("dead_letters")
        next = try object.numberIfPresent("next")
        nextRoute = try object.textIfPresent("next_route")
    }

    package var json: JSONValue {
        var object = ObjectWriter()
        object.add("dead_letters", deadLetters)
        object.add("next", next)
        object.add("next_route", nextRoute)
        return object.json
    }
}

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

/// `POST /v1/dead-letters/send-again` and `/v1/dead-letters/discard`: dead letters of one route.
package struct DeadLetterSelection: ControlValue {
    package let route: String
    /// Those at these positions, 1 to 10,000; nil for all (`"all": true`).
    package let positions: [Int64]?

    package init(route: String, positions: [Int64]?) {
        self.route = route
        self.positions = positions
    }

    package init(json: JSONValue) throws(ControlError) {
        let object = try ObjectReader(json)
        try object.allowOnly("route", "positions", "all")
        route = try object.text("route")
        let isAll = try object.truthIfPresent("all") ?? false
        let some = object.json("positions") == nil ? nil : try object.numbers("positions")
        // Never all by leaving something out.
        guard isAll == (some == nil) else {
            throw ControlError(at: "", "needs either positions or \"all\": true")
        }
        if let some, !(1...AckRequest.mostPositions).contains(some.count) {
            throw ControlError(at: "/positions", "must hold 1 to \(AckRequest.mostPositions) positions")
        }
        positions = some
    }

    package var json: JSONValue {
        .object([
            "route": .string(route), "positions": positions.map { .array($0.map(JSONValue.integer)) },
            "all": positions == nil ? .bool(true) : nil,
        ])
    }
}

/// How many dead letters were sent again, or discarded.
package struct DeadLetterAnswer: ControlValue {
    package let route: String
    package let count: Int

    package init(route: String, count: Int) {
        self.route = route
        self.count = count
    }
}

extension DeadLetterAnswer {
    package init(json: JSONValue) throws(ControlError) {
        let object = try ObjectReader(json)
        route = try object.text("route")
        count = try object.number("count")
    }

    package var json: JSONValue {
        var object = ObjectWriter()
        object.add("route", route)
        object.add("count", count)
        return object.json
    }
}
