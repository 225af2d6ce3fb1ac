package import MPushJSON
package import MPushModel

/// An identity and the state of its connection.
package struct IdentityState: ControlValue {
    package let identity: String
    package let state: ConnectionState

    package init(identity: String, state: ConnectionState) {
        self.identity = identity
        self.state = state
    }
}

extension IdentityState {
    package init(json: JSONValue) throws(ControlError) {
        let object = try ObjectReader(json)
        identity = try object.text("identity")
        state = try object.word("state")
    }

    package var json: JSONValue {
        var object = ObjectWriter()
        object.add("identity", identity)
        object.add("state", state.rawValue)
        return object.json
    }
}
