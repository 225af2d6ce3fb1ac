package import MPushJSON
package import MPushModel

extension DeadLetter: ControlValue {
    package init(json: JSONValue) throws(ControlError) {
        let object = try ObjectReader(json)
        self.init(
            message: try object.value("message"), route: try object.text("route"),
            attempts: try object.number("attempts"), reason: try object.text("reason"),
            buried: try object.time("buried"))
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

extension DeadLetterPage: ControlValue, ControlAnswer {
    package init(json: JSONValue) throws(ControlError) {
        let object = try ObjectReader(json)
        self.init(deadLetters: try object.list("dead_letters"), hasMore: object.json("next") != nil)
    }

    package var json: JSONValue {
        var object = ObjectWriter()
        object.add("dead_letters", deadLetters)
        object.add("next", next?.message.position.rawValue)
        object.add("next_route", next?.route)
        return object.json
    }
}

/// `POST /v1/dead-letters/send-again` and `/v1/dead-letters/discard`: dead letters of one route.
package struct DeadLetterSelection: ControlValue, ControlRequest {
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
package struct DeadLetterAnswer: ControlValue, ControlAnswer {
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
