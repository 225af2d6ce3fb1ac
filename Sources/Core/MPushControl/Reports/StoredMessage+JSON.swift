package import MPushJSON
package import MPushModel
package import NIOCore

extension MessageContent {
    package init(_ content: ByteBuffer) {
        self.init(Array(content.readableBytesView))
    }
}

extension StoredMessage: ControlValue {
    package init(json: JSONValue) throws(ControlError) {
        let object = try ObjectReader(json)
        self.init(
            position: MessagePosition(rawValue: try object.number("position")), id: try object.text("id"),
            identity: try object.text("identity"), user: try object.text("user"),
            received: try object.time("received"), type: try object.numberIfPresent("type"),
            content: ByteBuffer(bytes: try object.content("content").bytes))
    }

    package var json: JSONValue {
        var object = ObjectWriter()
        object.add("position", position.rawValue)
        object.add("id", id)
        object.add("identity", identity)
        object.add("user", user)
        object.add("received", received)
        object.add("type", type)
        object.add("size", content.readableBytes)
        object.add("content", content: MessageContent(content))
        return object.json
    }
}

extension MessagePage: ControlValue, ControlAnswer {
    package init(json: JSONValue) throws(ControlError) {
        let object = try ObjectReader(json)
        self.init(
            messages: try object.list("messages"),
            next: try object.numberIfPresent("next").map { MessagePosition(rawValue: $0) })
    }

    package var json: JSONValue {
        var object = ObjectWriter()
        object.add("messages", messages)
        object.add("next", next?.rawValue)
        return object.json
    }
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
