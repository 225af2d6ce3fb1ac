package import MPushModel
package import NIOCore

/// A message in the inbox.
package struct StoredMessage: Equatable, Sendable {
    package let position: MessagePosition
    /// Its identity: the id in its content, or one that the inbox gave it, unique across inboxes. The same each time that
    /// it is handed over.
    package let id: String
    package let identity: String
    package let user: String
    package let received: WallTime
    /// `msgType` of the content; nil where there is none.
    package let type: Int64?
    package let content: ByteBuffer

    package init(
        position: MessagePosition, id: String, identity: String, user: String, received: WallTime, type: Int64?,
        content: ByteBuffer
    ) {
        self.position = position
        self.id = id
        self.identity = identity
        self.user = user
        self.received = received
        self.type = type
        self.content = content
    }
}
