package import MPushJSON

/// `PUT /v1/tags`: other tags for the bound user, in place of all that it has.
package struct TagsRequest: ControlValue {
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
            throw ControlError(at: "/tags", "is missing. An empty array takes all tags away")
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
