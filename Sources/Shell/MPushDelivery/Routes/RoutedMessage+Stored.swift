import MPushInbox
import MPushJSON
import MPushModel
import MPushRouting
import MPushSystemd
import NIOCore

extension RoutedMessage {
    /// What filters and templates can know of `message`: its content and its JSON only where they look at them.
    init(_ message: StoredMessage, needsContent: Bool, needsJSON: Bool) {
        let bytes = message.content.readableBytesView
        self.init(
            id: message.id, identity: message.identity, user: message.user, type: message.type,
            received: message.received.rfc3339, content: needsContent ? Array(bytes) : [],
            json: needsJSON ? try? JSONParser.parse(content: bytes) : nil)
    }
}

extension RouteFilter {
    /// Whether a route with this filter wants `message`.
    func wants(_ message: StoredMessage) -> Bool {
        if self == RouteFilter() { return true }
        return accepts(RoutedMessage(message, needsContent: content != nil, needsJSON: needsJSON))
    }
}

extension RouteOrder {
    /// The key of `message`.
    func key(of message: StoredMessage) -> String {
        key(of: RoutedMessage(message, needsContent: false, needsJSON: needsJSON))
    }
}
