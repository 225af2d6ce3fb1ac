package import MPushJSON

/// A named follower, connected or not.
package struct ConsumerReport: ControlValue {
    package let name: String
    /// The position up to which it has acknowledged everything.
    package let cursor: Int64
    /// Messages beyond the cursor that it has acknowledged one by one.
    package let acknowledgedAhead: Int
    package let isConnected: Bool

    package init(name: String, cursor: Int64, acknowledgedAhead: Int, isConnected: Bool) {
        self.name = name
        self.cursor = cursor
        self.acknowledgedAhead = acknowledgedAhead
        self.isConnected = isConnected
    }
}

extension ConsumerReport {
    package init(json: JSONValue) throws(ControlError) {
        let object = try ObjectReader(json)
        name = try object.text("name")
        cursor = try object.number("cursor")
        acknowledgedAhead = try object.number("acknowledged_ahead")
        isConnected = try object.truth("connected")
    }

    package var json: JSONValue {
        var object = ObjectWriter()
        object.add("name", name)
        object.add("cursor", cursor)
        object.add("acknowledged_ahead", acknowledgedAhead)
        object.add("connected", isConnected)
        return object.json
    }
}
