import MPushSession
import NIOCore

/// The messages that were decoded and not handed over yet: those of one read, or as many as are kept at a time.
struct MessageBatch {
    private static let mostMessages = 1024
    private static let mostBytes = 1 << 20

    private var messages: [ReceivedMessage] = []
    private var bytes = 0

    /// Whether it is time to hand them over, though more may have come.
    var isFull: Bool { messages.count >= MessageBatch.mostMessages || bytes >= MessageBatch.mostBytes }

    mutating func append(_ message: ReceivedMessage) {
        messages.append(message)
        bytes += message.content.readableBytes
    }

    /// Empties the batch; nil where it is empty.
    mutating func takeAll() -> [ReceivedMessage]? {
        guard !messages.isEmpty else { return nil }
        defer { self = MessageBatch() }
        return messages
    }
}
