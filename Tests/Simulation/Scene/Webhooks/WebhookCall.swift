import NIOCore

/// A message that a request to a webhook brings, as its server reads it.
struct WebhookCall {
    /// Why it is none, in words.
    struct Malformed: Error {
        let reason: String
    }

    /// The path without its slash.
    let route: String
    let id: String
    let user: String
    let key: String
    /// In the inbox, in a batch.
    let position: String
    let isPoison: Bool

    /// Of the message at the route.
    var name: String { "\(route) \(id)" }
}

/// A request to a webhook: a message, or a batch of them with a line for each.
struct WebhookAsking {
    let calls: [WebhookCall]
    let isBatch: Bool

    var route: String { calls[0].route }

    /// Nil where it is not complete yet. Takes its bytes.
    init?(_ bytes: inout ByteBuffer) throws(WebhookCall.Malformed) {
        let all = Array(bytes.readableBytesView)
        guard let end = all.firstRange(ofBytes: "\r\n\r\n") else { return nil }
        // Swift takes CR LF for one character.
        let lines = String(decoding: all[..<end.lowerBound], as: UTF8.self)
            .split(separator: "\r\n" as Character, omittingEmptySubsequences: false)
        let first = lines[0].split(separator: " ", omittingEmptySubsequences: false)
        guard first.count == 3, first[0] == "POST", first[2] == "HTTP/1.1", first[1].hasPrefix("/") else {
            throw WebhookCall.Malformed(reason: "begins with \(lines[0])")
        }
        let fields = try WebhookAsking.fields(lines.dropFirst())
        guard let length = fields["content-length"].flatMap({ Int($0) }) else {
            throw WebhookCall.Malformed(reason: "has no Content-Length")
        }
        guard all.count >= end.upperBound + length else { return nil }
        guard all.count == end.upperBound + length else {
            throw WebhookCall.Malformed(reason: "is longer than its Content-Length")
        }
        bytes.clear()
        let body = String(decoding: all[end.upperBound...], as: UTF8.self)
        guard fields["host"] == WebhookServer.host else {
            throw WebhookCall.Malformed(reason: "is not for this host")
        }
        let route = String(first[1].dropFirst())
        guard let key = fields["idempotency-key"], fields["mpush-route"] == route else {
            throw WebhookCall.Malformed(reason: "does not say what it brings")
        }
        isBatch = fields["mpush-batch"] != nil
        if isBatch {
            let lines = body.split(separator: "\n")
            guard fields["mpush-batch"] == "\(lines.count)", fields["content-type"] == "application/x-ndjson",
                !lines.isEmpty
            else { throw WebhookCall.Malformed(reason: "is no batch") }
            var calls: [WebhookCall] = []
            for line in lines { calls.append(try WebhookCall(line, of: route)) }
            self.calls = calls
        } else {
            guard let id = fields["mpush-id"], let user = fields["mpush-user"],
                let position = fields["mpush-position"]
            else { throw WebhookCall.Malformed(reason: "does not say what it brings") }
            // The content says the same.
            guard body.containsBytes(of: "\"msgId\":\"\(id)\"") else {
                throw WebhookCall.Malformed(reason: "brings another message than \(id)")
            }
            calls = [
                WebhookCall(
                    route: route, id: id, user: user, key: key, position: position,
                    isPoison: body.containsBytes(of: "\"poison "))
            ]
        }
    }

    private static func fields(_ lines: ArraySlice<Substring>) throws(WebhookCall.Malformed) -> [String: String] {
        var fields: [String: String] = [:]
        for line in lines {
            guard let colon = line.firstIndex(of: ":") else {
                throw WebhookCall.Malformed(reason: "has the field \(line)")
            }
            let name = line[..<colon].lowercased()
            let value = line[line.index(after: colon)...].drop { $0 == " " }
            guard fields.updateValue(WebhookCall.decoded(value), forKey: name) == nil else {
                throw WebhookCall.Malformed(reason: "has \(name) twice")
            }
        }
        return fields
    }
}

extension WebhookCall {
    /// A line of a batch.
    init(_ line: Substring, of route: String) throws(Malformed) {
        guard line.hasPrefix("{\"key\":"), line.hasSuffix("\"}"),
            let content = line.utf8.firstRange(ofBytes: "\"content\":\"")
        else {
            throw Malformed(reason: "has the line \(line.prefix(200))")
        }
        let (head, body) = (line[..<content.lowerBound], line[content.upperBound...])
        func field(_ name: String) throws(Malformed) -> String {
            guard let start = head.utf8.firstRange(ofBytes: "\"\(name)\":")?.upperBound else {
                throw Malformed(reason: "has a line without \(name)")
            }
            return String(head[start...].drop { $0 == "\"" }.prefix { $0 != "\"" && $0 != "," })
        }
        let id = try field("id")
        guard body.containsBytes(of: "\\\"msgId\\\":\\\"\(id)\\\"") else {
            throw Malformed(reason: "brings another message than \(id)")
        }
        self.init(
            route: route, id: id, user: try field("user"), key: try field("key"), position: try field("position"),
            isPoison: body.containsBytes(of: "\\\"poison "))
    }

    /// Without percent-encoding (RFC 3986 section 2.1).
    fileprivate static func decoded(_ value: some StringProtocol) -> String {
        var bytes: [UInt8] = []
        var rest = Array(value.utf8)[...]
        while let byte = rest.popFirst() {
            let digits = String(decoding: rest.prefix(2), as: UTF8.self)
            if byte == UInt8(ascii: "%"), digits.utf8.count == 2, let number = UInt8(digits, radix: 16) {
                rest = rest.dropFirst(2)
                bytes.append(number)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
