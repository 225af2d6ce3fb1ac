package import MPushJSON

/// A message has gone to the server.
package struct PushAnswer: ControlValue {
    package let identity: String
    package let isAcknowledged: Bool
    package let took: Duration

    package init(identity: String, isAcknowledged: Bool, took: Duration) {
        self.identity = identity
        self.isAcknowledged = isAcknowledged
        self.took = took
    }
}

extension PushAnswer {
    package init(json: JSONValue) throws(ControlError) {
        let object = try ObjectReader(json)
        identity = try object.text("identity")
        isAcknowledged = try object.truth("acknowledged")
        took = try object.duration("took_seconds")
    }

    package var json: JSONValue {
        var object = ObjectWriter()
        object.add("identity", identity)
        object.add("acknowledged", isAcknowledged)
        object.add("took_seconds", took)
        return object.json
    }
}
