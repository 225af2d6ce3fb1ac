import NIOCore

/// A request to a webhook, as its server reads it.
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
    let body: String

    /// Of the message at the route.
    var name: String { "\(route) \(id)" }

    var isPoison: Bool { body.contains("\"poison ") }

    /// Nil where it is not complete yet.
    init?(_ bytes: ByteBuffer) throws(Malformed) {
        let text = String(buffer: bytes)
        guard let end = text.firstRange(of: "\r\n\r\n") else { return nil }
        let lines = text[..<end.lowerBound].split(separator: "\r\n", omittingEmptySubsequences: false)
        let first = lines[0].split(separator: " ", omittingEmptySubsequences: false)
        guard first.count == 3, first[0] == "POST", first[2] == "HTTP/1.1", first[1].hasPrefix("/") else {
            throw Malformed(reason: "begins with \(lines[0])")
        }
        var fields: [String: String] = [:]
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { throw Malformed(reason: "has the field \(line)") }
            let name = line[..<colon].lowercased()
            let value = line[line.index(after: colon)...].drop { $0 == " " }
            guard fields.updateValue(WebhookCall.decoded(value), forKey: name) == nil else {
                throw Malformed(reason: "has \(name) twice")
            }
        }
        guard let length = fields["content-length"].flatMap({ Int($0) }) else {
            throw Malformed(reason: "has no Content-Length")
        }
        body = String(text[end.upperBound...])
        guard body.utf8.count >= length else { return nil }
        guard body.utf8.count == length else { throw Malformed(reason: "is longer than its Content-Length") }
        guard fields["host"] == WebhookServer.host else { throw Malformed(reason: "is not for this host") }
        guard let id = fields["mpush-id"], let user = fields["mpush-user"], let key = fields["idempotency-key"],
            fields["mpush-route"] == String(first[1].dropFirst())
        else { throw Malformed(reason: "does not say what it brings") }
        // The content says the same.
        guard body.contains("\"msgId\":\"\(id)\"") else { throw Malformed(reason: "brings another message than \(id)") }
        (self.id, self.user, self.key, route) = (id, user, key, String(first[1].dropFirst()))
    }

    /// Without percent-encoding (RFC 3986 section 2.1).
    private static func decoded(_ value: some StringProtocol) -> String {
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
