package import MPushJSON

/// What became of the messages pushed to an identity, since the start.
package struct MessageCounts: ControlValue {
    package var received: UInt64 = 0
    package var stored: UInt64 = 0
    /// To the server.
    package var acknowledged: UInt64 = 0
    /// Those that were stored before.
    package var duplicates: UInt64 = 0
    /// Those that were not stored, and not acknowledged, for want of room or because of a failure.
    package var refused: UInt64 = 0

    package init() {
    }
}

extension MessageCounts {
    package init(json: JSONValue) throws(ControlError) {
        let object = try ObjectReader(json)
        received = try object.number("received")
        stored = try object.number("stored")
        acknowledged = try object.number("acknowledged")
        duplicates = try object.number("duplicates")
        refused = try object.number("refused")
    }

    package var json: JSONValue {
        var object = ObjectWriter()
        object.add("received", received)
        object.add("stored", stored)
        object.add("acknowledged", acknowledged)
        object.add("duplicates", duplicates)
        object.add("refused", refused)
        return object.json
    }
}
