import MPushJSON

/// What a placeholder stands for.
enum ArgumentPlaceholder: Equatable, Sendable {
    case content
    case id
    case type
    case user
    case identity
    case received
    case route
    case attempt
    /// A field of the JSON content, by the names that lead to it.
    case field([String])

    /// The placeholders without a field, by name.
    static let byName: KeyValuePairs<String, ArgumentPlaceholder> = [
        "content": .content, "id": .id, "type": .type, "user": .user, "identity": .identity, "received": .received,
        "route": .route, "attempt": .attempt,
    ]

    /// Appends what the placeholder stands for.
    func append(_ message: RoutedMessage, route: String, attempt: Int, to argument: inout [UInt8]) {
        switch self {
        case .content: argument += message.content
        case .id: argument += message.id.utf8
        case .type: argument += (message.type.map(String.init) ?? "").utf8
        case .user: argument += message.user.utf8
        case .identity: argument += message.identity.utf8
        case .received: argument += message.received.utf8
        case .route: argument += route.utf8
        case .attempt: argument += String(attempt).utf8
        case .field(let path): argument += (message.json?.text(at: path) ?? "").utf8
        }
    }
}
