package import MPushJSON

/// The answer to a request that the server made for us.
package struct HTTPAnswer: ControlValue {
    package let identity: String
    package let status: Int
    package let reason: String
    /// Fields of one name joined by commas.
    package var headers: [HeadField] = []
    package let body: MessageContent
    package let took: Duration

    package init(identity: String, status: Int, reason: String, body: MessageContent, took: Duration) {
        self.identity = identity
        self.status = status
        self.reason = reason
        self.body = body
        self.took = took
    }
}

extension HTTPAnswer {
    package init(json: JSONValue) throws(ControlError) {
        let object = try ObjectReader(json)
        identity = try object.text("identity")
        status = try object.number("status")
        reason = try object.text("reason")
        headers = try object.fields("headers")
        body = try object.content("body")
        took = try object.duration("took_seconds")
    }

    package var json: JSONValue {
        var object = ObjectWriter()
        object.add("identity", identity)
        object.add("status", status)
        object.add("reason", reason)
        object.add("headers", json: .object(headers.map { JSONMember($0.name, .string($0.value)) }))
        object.add("body", content: body)
        object.add("took_seconds", took)
        return object.json
    }
}
