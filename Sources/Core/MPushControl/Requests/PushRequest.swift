package import MPushJSON

/// `POST /v1/push`: a message to the server.
package struct PushRequest: ControlValue, ControlRequest {
    /// Over whose connection; may be nil where there is one identity only.
    package var identity: String?
    package let content: MessageContent
    /// Whether to wait until the server has acknowledged it.
    package var awaitsAck = true

    package init(content: MessageContent) {
        self.content = content
    }
}

extension PushRequest {
    package init(json: JSONValue) throws(ControlError) {
        let object = try ObjectReader(json)
        try object.allowOnly("identity", "content", "content_base64", "ack")
        identity = try object.textIfPresent("identity")
        content = try object.content("content")
        guard !content.bytes.isEmpty else { throw ControlError(at: "/content", "is empty") }
        awaitsAck = try object.truthIfPresent("ack") ?? true
    }

    package var json: JSONValue {
        var object = ObjectWriter()
        object.add("identity", identity)
        object.add("content", content: content)
        object.add("ack", awaitsAck)
        return object.json
    }
}

/// A message has gone to the server.
package struct PushAnswer: ControlValue, ControlAnswer {
    package let identity: String
    package let isAcknowledged: Bool
    package let took: Duration

    package init(identity: String, isAcknowledged: Bool, took: Duration) {
        self.identity = identity
        self.isAcknowledged = isAcknowledged
        self.took = took
    }
}

extension PushAnswer {
    package init(json: JSONValue) throws(ControlError) {
        let object = try ObjectReader(json)
        identity = try object.text("identity")
        isAcknowledged = try object.truth("acknowledged")
        took = try object.duration("took_seconds")
    }

    package var json: JSONValue {
        var object = ObjectWriter()
        object.add("identity", identity)
        object.add("acknowledged", isAcknowledged)
        object.add("took_seconds", took)
        return object.json
    }
}
