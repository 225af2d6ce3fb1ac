package import MPushJSON
package import MPushModel

/// `GET /v1/messages`: which messages.
package struct MessageQuestion: Equatable, Sendable {
    /// How far a message has come with a route.
    package enum State: String, CaseIterable, Sendable {
        /// The route has not settled it yet.
        case pending
        /// The route has settled it.
        case done
        case dead
    }

    /// Only what comes after this position; with `isNewestFirst` what comes before it. nil for the begin.
    package var after: Int64?
    /// 1 to 1000.
    package var limit = 100
    package var identity: String?
    package var id: String?
    /// Always together with `state`.
    package var route: String?
    package var state: State?
    /// `order=newest`: from the newest backwards.
    package var isNewestFirst = false

    package init() {}
}

/// `GET /v1/messages/follow`: messages as they come.
package struct FollowQuestion: Equatable, Sendable {
    /// Where a name that is new begins.
    package enum Start: String, CaseIterable, Sendable {
        /// What comes from now on.
        case new
        /// All that the inbox still has.
        case oldest
    }

    /// The durable follower's name; nil for a tail, which acknowledges nothing and is not remembered.
    package var consumer: String?
    /// For a tail, too.
    package var start = Start.new
    /// Messages that it may have without having acknowledged them, 1 to 10,000; nil for what is configured.
    package var window: Int?

    package init() {}
}

/// A page of messages.
package struct MessagePage: ControlValue {
    package let messages: [MessageReport]
    /// What `after` has to be for the next page; nil where this is the last.
    package var next: Int64?

    package init(messages: [MessageReport]) {
        self.messages = messages
    }
}

extension MessagePage {
    package init(json: JSONValue) throws(ControlError) {
        let object = try ObjectReader(json)
        messages = try object.list("messages")
        next = try object.numberIfPresent("next")
    }

    package var json: JSONValue {
        var object = ObjectWriter()
        object.add("messages", messages)
        object.add("next", next)
        return object.json
    }
}

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
