package import MPushModel

/// What a route with several messages at once keeps in order all the same (`order_by`): of messages with one key, one at a
/// time is under way, in the order in which they came.
package enum RouteOrder: Hashable, Sendable {
    case user
    case identity
    /// A field of JSON content, through objects.
    case field([String])

    /// Reads `user`, `identity`, `{json:field}` or `{json:outer.inner}`.
    package init(parsing text: String) throws(Misspelling) {
        switch text {
        case "user": self = .user
        case "identity": self = .identity
        default:
            guard text.hasPrefix("{json:"), text.hasSuffix("}") else {
                throw Misspelling("is not known. Write \"user\", \"identity\" or \"{json:field}\"")
            }
            let path = text.dropFirst("{json:".count).dropLast().split(separator: ".", omittingEmptySubsequences: false)
            guard path.allSatisfy({ !$0.isEmpty && !$0.contains { "{}".contains($0) } }) else {
                throw Misspelling("names no field. Write \"{json:field}\" or \"{json:outer.inner}\"")
            }
            self = .field(path.map(String.init))
        }
    }

    /// Whether the key is looked for in the content.
    package var needsJSON: Bool {
        switch self {
        case .user, .identity: false
        case .field: true
        }
    }

    /// The key of `message`. Messages that have not got the field, or null in it, share one key: their order is kept as if it
    /// had one value for all of them.
    package func key(of message: RoutedMessage) -> String {
        switch self {
        case .user: message.user
        case .identity: message.identity
        // No text that a field has begins so, so that an empty one is not the same as none.
        case .field(let path): message.json?.text(at: path).map { "=" + $0 } ?? ""
        }
    }
}
