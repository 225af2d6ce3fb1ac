package import MPushJSON

/// `POST /v1/pause`, `/v1/resume` and `/v1/reconnect`.
package struct SteeringRequest: ControlValue {
    /// nil for all.
    package var identity: String?

    package init() {
    }
}

extension SteeringRequest: OptionalRequest {
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

/// The identities that were steered, and their states after it.
package struct SteeringAnswer: ControlValue, ControlAnswer {
    package let identities: [IdentityState]

    package init(identities: [IdentityState]) {
        self.identities = identities
    }
}

extension SteeringAnswer {
    package init(json: JSONValue) throws(ControlError) {
        let object = try ObjectReader(json)
        identities = try object.list("identities")
    }

    package var json: JSONValue {
        var object = ObjectWriter()
        object.add("identities", identities)
        return object.json
    }
}

/// `POST /v1/reload`: nothing to say besides.
package struct ReloadRequest: ControlValue {
    package init() {
    }
}

extension ReloadRequest: OptionalRequest {
    package init(json: JSONValue) throws(ControlError) {
        try ObjectReader(json).allowOnly()
    }

    package var json: JSONValue { .object([JSONMember]()) }
}

/// The configuration that is in force after `POST /v1/reload`.
package struct ReloadAnswer: ControlValue, ControlAnswer {
    package let file: String
    /// What is in it, in a few words: `1 identity, 1 endpoint, 2 routes`.
    package let summary: String
    /// What is taken, but should be read by somebody: a line each.
    package let warnings: [String]

    package init(file: String, summary: String, warnings: [String]) {
        self.file = file
        self.summary = summary
        self.warnings = warnings
    }
}

extension ReloadAnswer {
    package init(json: JSONValue) throws(ControlError) {
        let object = try ObjectReader(json)
        file = try object.text("file")
        summary = try object.text("summary")
        warnings = try object.texts("warnings")
    }

    package var json: JSONValue {
        var object = ObjectWriter()
        object.add("file", file)
        object.add("summary", summary)
        object.add("warnings", warnings)
        return object.json
    }
}
