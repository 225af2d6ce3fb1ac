package import MPushJSON

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
