package import MPushJSON

/// What `GET /healthz` says.
package struct HealthReport: ControlValue {
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

    package var json: JSONValue {
        var object = ObjectWriter()
        object.add("healthy", isHealthy)
        object.add("identities", identities)
        return object.json
    }
}
