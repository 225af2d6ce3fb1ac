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

/// A message's place in the inbox: they are counted up in the order in which they were stored, and never used twice.
package struct MessagePosition: Hashable, Sendable {
    package let rawValue: Int64

    /// Before the first.
    package static let start = MessagePosition(rawValue: 0)

    /// No position in a file that is an inbox lies beyond: a million messages a second take 36,000 years.
    static let highest: Int64 = 1 << 60

    package init(rawValue: Int64) {
        self.rawValue = rawValue
    }
}

extension MessagePosition: Comparable {
    package static func < (left: MessagePosition, right: MessagePosition) -> Bool { left.rawValue < right.rawValue }
}

/// A message to be stored.
package struct NewMessage: Sendable {
    /// The name of the identity that it was pushed to.
    package let identity: String
    package let user: String
    package let received: WallTime
    package let content: ByteBuffer
    /// Whether the sender wants to hear that a consumer confirmed it: then it is remembered when one did.
    package let awaitsConsumer: Bool

    package init(identity: String, user: String, received: WallTime, content: ByteBuffer, awaitsConsumer: Bool) {
        self.identity = identity
        self.user = user
        self.received = received
        self.content = content
        self.awaitsConsumer = awaitsConsumer
    }
}

/// What became of a message that was to be stored.
package enum StoreOutcome: Equatable, Sendable {
    /// It is on the disk.
    case stored(StoredMessage)
    /// It is on the disk already. `isConsumed` where a consumer has confirmed it.
    case duplicate(of: MessagePosition, isConsumed: Bool)
    /// There is no room.
    case full
    /// The disk or the database does not take it.
    case failed(InboxFailure)
}

/// A page of the inbox, oldest first.
package struct MessageQuery: Equatable, Sendable {
    /// How far a message has come with a route.
    package enum State: String, CaseIterable, Sendable {
        /// The route has not settled it yet.
        case pending
        /// The route has settled it.
        case done
        case dead
    }

    /// A page ends with the message that makes its content this long, in bytes.
    package static let pageBytes = 4 << 20

    /// Only what comes after it.
    package var after: MessagePosition
    /// Messages at most, 1 to 1001; fewer where they are long (`pageBytes`).
    package var limit: Int
    package var identity: String?
    package var id: String?
    /// Together: only those in that state with that consumer.
    package var consumer: ConsumerName?
    package var state: State?
    /// From the newest backwards; `after` is then a bound to stay below.
    package var isNewestFirst: Bool

    package init(
        after: MessagePosition = .start, limit: Int = 100, identity: String? = nil, id: String? = nil,
        consumer: ConsumerName? = nil, state: State? = nil, isNewestFirst: Bool = false
    ) {
        self.after = after
        self.limit = limit
        self.identity = identity
        self.id = id
        self.consumer = consumer
        self.state = state
        self.isNewestFirst = isNewestFirst
    }
}
