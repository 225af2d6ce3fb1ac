package import MPushJSON

/// A page of events, oldest first.
package struct EventPage: ControlValue {
    package let events: [EventReport]
    /// The oldest that is still remembered; 0 for none.
    package let oldest: UInt64
    /// What `after` has to be for the next page; nil where this is the last.
    package var next: UInt64?

    package init(events: [EventReport], oldest: UInt64) {
        self.events = events
        self.oldest = oldest
    }
}

extension EventPage {
    package init(json: JSONValue) throws(ControlError) {
        let object = try ObjectReader(json)
        events = try object.list("events")
        oldest = try object.number("oldest")
        next = try object.numberIfPresent("next")
    }

    package var json: JSONValue {
        var object = ObjectWriter()
        object.add("events", events)
        object.add("oldest", oldest)
        object.add("next", next)
        return object.json
    }
}
