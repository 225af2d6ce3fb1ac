package import MPushJSON

/// `POST /v1/http`: an HTTP request that the server makes for us (PROTOCOL section 4.7).
package struct HTTPRequest: ControlValue {
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

extension HTTPRequest {
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
