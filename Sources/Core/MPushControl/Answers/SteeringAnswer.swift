package import MPushJSON

/// The identities that were steered, and their states after it.
package struct SteeringAnswer: ControlValue {
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
