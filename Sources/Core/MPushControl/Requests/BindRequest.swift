package import MPushJSON

/// `POST /v1/bind`: binds a user, until another is bound or the configuration is read again.
package struct BindRequest: ControlValue {
    package let identity: String
    /// nil for the user of the configuration.
    package let user: String?
    /// nil for the tags of the configuration.
    package let tags: [String]?

    package init(identity: String, user: String? = nil, tags: [String]? = nil) {
        self.identity = identity
        self.user = user
        self.tags = tags
    }

    package init(json: JSONValue) throws(ControlError) {
        let object = try ObjectReader(json)
        try object.allowOnly("identity", "user", "tags")
        identity = try object.text("identity")
        user = try object.textIfPresent("user")
        if user?.isEmpty == true { throw ControlError(at: "/user", "is empty") }
        tags = try object.tagsIfPresent()
    }

    package var json: JSONValue {
        var object = ObjectWriter()
        object.add("identity", identity)
        object.add("user", user)
        if let tags { object.add("tags", tags) }
        return object.json
    }
}
