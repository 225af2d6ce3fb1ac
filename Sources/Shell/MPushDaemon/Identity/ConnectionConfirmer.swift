import MPushConnection
import MPushSession

/// Takes late confirmations of messages back to the connection that they came over, if that is still there.
final class ConnectionConfirmer: MessageConfirmer {
    private weak var handler: ConnectionHandler?

    init(_ handler: ConnectionHandler) {
        self.handler = handler
    }

    func messageConsumed(_ message: ReceivedMessage) {
        handler?.messagesConfirmed(CollectionOfOne(message), .consumed)
    }
}
