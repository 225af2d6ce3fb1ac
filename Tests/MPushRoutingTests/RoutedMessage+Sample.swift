import MPushRouting

extension RoutedMessage {
    /// A message with this content, whose JSON is read.
    static func sample(_ content: [UInt8], type: Int64? = 2) -> RoutedMessage {
        RoutedMessage(
            id: "m-1", identity: "desk", user: "alice", type: type, received: "2026-11-24T18:00:00Z", content: content,
            needsJSON: true)
    }

    static func sample(_ content: String, type: Int64? = 2) -> RoutedMessage {
        sample(Array(content.utf8), type: type)
    }
}
