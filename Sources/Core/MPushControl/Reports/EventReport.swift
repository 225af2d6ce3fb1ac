package import MPushJSON
package import MPushTime

/// Something that happened to an identity's connection.
package struct EventReport: ControlValue {
    /// Counted up from 1 since the start.
    package let sequence: UInt64
    package let time: WallTime
    package let identity: String
    /// A stable word: `online`, `connection-lost`, `read-missed` ...
    package let event: String
    /// After it.
    package let state: ConnectionState
    /// The code of the loss, where it is one.
    package var cause: String?
    /// The line as the journal has it.
    package let text: String

    package init(
        sequence: UInt64, time: WallTime, identity: String, event: String, state: ConnectionState, text: String
    ) {
        self.sequence = sequence
        self.time = time
        self.identity = identity
        self.event = event
        self.state = state
        self.text = text
    }
}

extension EventReport {
    package init(json: JSONValue) throws(ControlError) {
        let object = try ObjectReader(json)
        sequence = try object.number("sequence")
        time = try object.time("time")
        identity = try object.text("identity")
        event = try object.text("event")
        state = try object.word("state")
        cause = try object.textIfPresent("cause")
        text = try object.text("text")
    }

    package var json: JSONValue {
        var object = ObjectWriter()
        object.add("sequence", sequence)
        object.add("time", time)
        object.add("identity", identity)
        object.add("event", event)
        object.add("state", state.rawValue)
        object.add("cause", cause)
        object.add("text", text)
        return object.json
    }
}
