package import MPushJSON
import MPushModel

/// `POST /v1/bind`: binds a user, until another is bound or the configuration is read again.
package struct ControlBindRequest: ControlValue, ControlRequest {
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
        if let user {
            do throws(Misspelling) { try BindRules.check(user: user) } catch {
                throw ControlError(at: "/user", error.message)
            }
        }
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

/// `POST /v1/unbind`: no user is bound any more; the connection stays.
package struct UnbindRequest: ControlValue, ControlRequest {
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

/// `PUT /v1/tags`: other tags for the bound user, in place of all that it has.
package struct TagsRequest: ControlValue, ControlRequest {
    package let identity: String
    package let tags: [String]

    package init(identity: String, tags: [String]) {
        self.identity = identity
        self.tags = tags
    }

    package init(json: JSONValue) throws(ControlError) {
        let object = try ObjectReader(json)
        try object.allowOnly("identity", "tags")
        identity = try object.text("identity")
        guard let tags = try object.tagsIfPresent() else {
            throw ControlError(at: "/tags", "is missing. An empty array removes all tags")
        }
        self.tags = tags
    }

    package var json: JSONValue {
        var object = ObjectWriter()
        object.add("identity", identity)
        object.add("tags", tags)
        return object.json
    }
}

/// Who is bound now, as the server confirmed it, and who is to be.
package struct BindAnswer: ControlValue, ControlAnswer {
    package let identity: String
    /// Whom the server has bound; nil for nobody.
    package var user: String?
    package var tags: [String] = []
    /// Who is to be bound; nil for nobody.
    package var wishedUser: String?
    package var wishedTags: [String] = []
    /// Whether there is no connection now, so that the wish holds from the next one on.
    package var isDeferred = false

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
        wishedUser = try object.textIfPresent("wished_user")
        wishedTags = try object.texts("wished_tags")
        isDeferred = try object.truthIfPresent("deferred") ?? false
    }

    package var json: JSONValue {
        var object = ObjectWriter()
        object.add("identity", identity)
        object.add("user", user)
        object.add("tags", tags)
        object.add("wished_user", wishedUser)
        object.add("wished_tags", wishedTags)
        object.add("deferred", isDeferred)
        return object.json
    }
}
