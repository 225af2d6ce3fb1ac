package import MPushJSON

/// `POST /v1/http`: an HTTP request that the server makes for us (PROTOCOL section 4.7).
package struct ControlHTTPRequest: ControlValue, ControlRequest {
    /// Over whose connection; may be nil where there is one identity only.
    package var identity: String?
    package var method: ProxyMethod = .get
    /// Absolute.
    package let url: String
    package var headers: [HeadField] = []
    package var body: MessageContent?

    package init(url: String) {
        self.url = url
    }
}

extension ControlHTTPRequest {
    package init(json: JSONValue) throws(ControlError) {
        let object = try ObjectReader(json)
        try object.allowOnly("identity", "method", "url", "headers", "body", "body_base64")
        identity = try object.textIfPresent("identity")
        method = try object.wordIfPresent("method") ?? .get
        url = try object.httpURL("url")
        headers = try object.headFields("headers")
        body = try object.contentIfPresent("body")
    }

    package var json: JSONValue {
        var object = ObjectWriter()
        object.add("identity", identity)
        object.add("method", method.rawValue)
        object.add("url", url)
        object.add("headers", json: .object(headers.map { JSONMember($0.name, .string($0.value)) }))
        if let body { object.add("body", content: body) }
        return object.json
    }
}

/// The answer to a request that the server made for us.
package struct ControlHTTPAnswer: ControlValue, ControlAnswer {
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

extension ControlHTTPAnswer {
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

/// The methods of HTTP requests through the connection (PROTOCOL section 4.7).
package enum ProxyMethod: String, CaseIterable, Sendable {
    case get = "GET"
    case post = "POST"
    case put = "PUT"
    case delete = "DELETE"
}
