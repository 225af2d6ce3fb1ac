package import MPushJSON

/// What was acknowledged.
package struct AckAnswer: ControlValue {
    package let consumer: String
    /// Positions taken: one for `up_to`.
    package let acknowledged: Int

    package init(consumer: String, acknowledged: Int) {
        self.consumer = consumer
        self.acknowledged = acknowledged
    }
}

extension AckAnswer {
    package init(json: JSONValue) throws(ControlError) {
        let object = try ObjectReader(json)
        consumer = try object.text("consumer")
        acknowledged = try object.number("acknowledged")
    }

    package var json: JSONValue {
        var object = ObjectWriter()
        object.add("consumer", consumer)
        object.add("acknowledged", acknowledged)
        return object.json
    }
}
