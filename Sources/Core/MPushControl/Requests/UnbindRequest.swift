package import MPushJSON

/// `POST /v1/unbind`: no user is bound any more; the connection stays.
package struct UnbindRequest: ControlValue {
    package let identity: String

    package init(identity: String) {
        self.identity = identity
    }
}

extension UnbindRequest {
    package init(json: JSONValue) throws(ControlError) {
        let object = try ObjectReader(json)
        try object.allowOnly("identity")
        identity = try object.text("identity")
    }

    package var json: JSONValue {
        var object = ObjectWriter()
        object.add("identity", identity)
        return object.json
    }
}
