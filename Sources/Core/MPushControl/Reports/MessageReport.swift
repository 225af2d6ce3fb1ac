package import MPushJSON
package import MPushTime

/// A message in the inbox.
package struct MessageReport: ControlValue {
    /// Its place in the inbox: counted up, never used twice.
    package let position: Int64
    /// The same each time that the message is handed over.
    package let id: String
    /// The identity that it was pushed to.
    package let identity: String
    package let user: String
    package let received: WallTime
    /// `msgType` of its JSON.
    package var type: Int64?
    /// Bytes of content.
    package let size: Int
    package let content: MessageContent

    package init(
        position: Int64, id: String, identity: String, user: String, received: WallTime, size: Int,
        content: MessageContent
    ) {
        self.position = position
        self.id = id
        self.identity = identity
        self.user = user
        self.received = received
        self.size = size
        self.content = content
    }
}

extension MessageReport {
    package init(json: JSONValue) throws(ControlError) {
        let object = try ObjectReader(json)
        position = try object.number("position")
        id = try object.text("id")
        identity = try object.text("identity")
        user = try object.text("user")
        received = try object.time("received")
        type = try object.numberIfPresent("type")
        size = try object.number("size")
        content = try object.content("content")
    }

    package var json: JSONValue {
        var object = ObjectWriter()
        object.add("position", position)
        object.add("id", id)
        object.add("identity", identity)
        object.add("user", user)
        object.add("received", received)
        object.add("type", type)
        object.add("size", size)
        object.add("content", content: content)
        return object.json
    }
}
