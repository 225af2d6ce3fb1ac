package import MPushJSON

/// `POST /v1/pause`, `/v1/resume` and `/v1/reconnect`.
package struct SteeringRequest: ControlValue {
    /// nil for all.
    package var identity: String?

    package init() {
    }
}

extension SteeringRequest {
    package init(json: JSONValue) throws(ControlError) {
        let object = try ObjectReader(json)
        try object.allowOnly("identity")
        identity = try object.textIfPresent("identity")
    }

    package var json: JSONValue {
        var object = ObjectWriter()
        object.add("identity", identity)
        return object.json
    }
}
