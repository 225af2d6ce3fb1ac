package import MPushJSON

/// What a route's filter and templates can know of a message.
package struct RoutedMessage: Sendable {
    /// The message's identity: the same each time that it is handed over.
    package let id: String
    /// The name of the identity that it was pushed to.
    package let identity: String
    package let user: String
    /// `msgType` of the content (PROTOCOL.md section 4.4); nil where there is none.
    package let type: Int64?
    /// When it came, UTC, as RFC 3339 has it.
    package let received: String
    /// All bytes, as they were pushed.
    package let content: [UInt8]
    /// The content as JSON; nil where it is none.
    package let json: JSONValue?

    package init(
        id: String, identity: String, user: String, type: Int64?, received: String, content: [UInt8], json: JSONValue?
    ) {
        self.id = id
        self.identity = identity
        self.user = user
        self.type = type
        self.received = received
        self.content = content
        self.json = json
    }
}

extension RoutedMessage {
    /// A message whose content is read as JSON only where somebody looks at it: where a filter or a template says
    /// `needsJSON`. Content that is no JSON, or goes deeper than `JSONParser` does, has no fields.
    package init(
        id: String, identity: String, user: String, type: Int64?, received: String, content: [UInt8], needsJSON: Bool
    ) {
        self.init(
            id: id, identity: identity, user: user, type: type, received: received, content: content,
            json: needsJSON ? try? JSONParser.parse(content: content) : nil)
    }
}

extension JSONValue {
    /// The field that `path` leads to through objects; nil where there is none.
    func value(at path: [String]) -> JSONValue? {
        var value: JSONValue? = self
        for name in path { value = value?[name] }
        return value
    }

    /// A field as text: a string as it is, a number as it is written, anything else as JSON writes it. Nil for null.
    var fieldText: String? {
        switch self {
        case .null: nil
        case .string(let text): text
        case .bool, .number, .array, .object: text
        }
    }

    /// The field that `path` leads to through objects, as text; nil where there is none, and for null.
    package func text(at path: [String]) -> String? { value(at: path)?.fieldText }
}
