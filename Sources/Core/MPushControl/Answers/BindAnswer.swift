package import MPushJSON

/// Who is bound now, as the server confirmed it.
package struct BindAnswer: ControlValue {
    package let identity: String
    /// nil for nobody.
    package var user: String?
    package var tags: [String] = []

    package init(identity: String) {
        self.identity = identity
    }
}

extension BindAnswer {
    package init(json: JSONValue) throws(ControlError) {
        let object = try ObjectReader(json)
        identity = try object.text("identity")
        user = try object.textIfPresent("user")
        tags = try object.texts("tags")
    }

    package var json: JSONValue {
        var object = ObjectWriter()
        object.add("identity", identity)
        object.add("user", user)
        object.add("tags", tags)
        return object.json
    }
}
