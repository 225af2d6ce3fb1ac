package import MPushJSON

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
