package import MPushJSON
package import MPushModel

/// What `GET /healthz` says.
package struct HealthReport: ControlValue, ControlAnswer {
    /// Whether every identity is bound.
    package let isHealthy: Bool
    package let identities: [IdentityState]

    package init(isHealthy: Bool, identities: [IdentityState]) {
        self.isHealthy = isHealthy
        self.identities = identities
    }
}

extension HealthReport {
    package init(json: JSONValue) throws(ControlError) {
        let object = try ObjectReader(json)
        isHealthy = try object.truth("healthy")
        identities = try object.list("identities")
    }

    /// 503 while something is wrong, for those who look at the status alone.
    package var status: Int { isHealthy ? 200 : 503 }

    package var json: JSONValue {
        var object = ObjectWriter()
        object.add("healthy", isHealthy)
        object.add("identities", identities)
        return object.json
    }
}

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
