import MPushJSON

/// Which messages a route wants: those that meet every condition that is set.
package struct RouteFilter: Equatable, Sendable {
    /// What a JSON field is held against.
    package enum Test: Hashable, Sendable {
        /// The field as text is this: a string as it is, anything else as the message has it.
        case equals(String)
        /// The field is this number, however it is written, and digit by digit; or it is a string of its digits.
        case integer(Int64)
        /// The field is this number as near as a Double comes to it, however it is written; or it is a string that Swift
        /// writes so.
        case float(Double)
        /// The pattern is found in the field as text.
        case matches(Pattern)
    }

    /// A field of the content, as the names from the outermost object to it: `["alarm", "level"]`. Where there is none, or
    /// null, no test of it holds.
    package struct Field: Hashable, Sendable {
        package let path: [String]
        package let test: Test

        package init(path: [String], test: Test) {
            self.path = path
            self.test = test
        }
    }

    /// One of these msgTypes; nil for any, and for messages without one.
    package var types: [Int64]?
    /// One of these users; nil for any.
    package var users: [String]?
    /// One of these identities; nil for any.
    package var identities: [String]?
    /// All of these hold.
    package var fields: [Field]
    /// Found in the content; nil for any content.
    package var content: Pattern?

    package init(
        types: [Int64]? = nil, users: [String]? = nil, identities: [String]? = nil, fields: [Field] = [],
        content: Pattern? = nil
    ) {
        self.types = types
        self.users = users
        self.identities = identities
        self.fields = fields
        self.content = content
    }
}

extension RouteFilter {
    /// Whether `accepts(_:)` looks at `RoutedMessage.json`.
    package var needsJSON: Bool { !fields.isEmpty }

    /// Whether the message meets every condition. What costs least is asked first.
    package func accepts(_ message: RoutedMessage) -> Bool {
        if let identities, !identities.contains(message.identity) { return false }
        if let users, !users.contains(message.user) { return false }
        if let types {
            guard let type = message.type, types.contains(type) else { return false }
        }
        guard fields.allSatisfy({ $0.holds(in: message) }) else { return false }
        return content?.isFound(in: message.content) ?? true
    }
}

extension RouteFilter.Field {
    fileprivate func holds(in message: RoutedMessage) -> Bool {
        guard let field = message.json?.value(at: path), let text = field.fieldText else { return false }
        switch test {
        case .equals(let wanted): return text == wanted
        case .integer(let wanted):
            if case .number(let number) = field { return number.integer == wanted }
            return text == String(wanted)
        case .float(let wanted):
            if case .number(let number) = field { return number.double == wanted }
            return text == "\(wanted)"
        case .matches(let pattern): return pattern.isFound(in: text)
        }
    }
}
