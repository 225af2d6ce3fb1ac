package import MPushJSON

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
