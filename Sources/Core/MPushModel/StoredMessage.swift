package import NIOCore

/// A message's position in the inbox: positions are counted up in the order in which messages were stored, and never used
/// twice.
package struct MessagePosition: Hashable, Sendable {
    package let rawValue: Int64

    /// Before the first.
    package static let start = MessagePosition(rawValue: 0)

    /// No position in a file that is an inbox lies beyond: a million messages a second take 36,000 years.
    package static let highest = MessagePosition(rawValue: 1 << 60)

    package init(rawValue: Int64) {
        self.rawValue = rawValue
    }
}

extension MessagePosition {
    /// The one in front of it.
    package var before: MessagePosition { MessagePosition(rawValue: rawValue - 1) }

    /// The one behind it.
    package var next: MessagePosition { MessagePosition(rawValue: rawValue + 1) }
}

extension Set<MessagePosition> {
    /// Removes all that lie behind `cursor`, up to `next`; nothing lies before. What that costs is paid once for each message
    /// that the cursor passes, however many lie beyond.
    package mutating func forget(from cursor: MessagePosition, to next: MessagePosition) {
        guard !isEmpty, next > cursor else { return }
        guard next.rawValue - cursor.rawValue <= count else {
            self = filter { $0 > next }
            return
        }
        for position in (cursor.rawValue + 1)...next.rawValue { remove(MessagePosition(rawValue: position)) }
    }
}

extension MessagePosition: Comparable {
    package static func < (left: MessagePosition, right: MessagePosition) -> Bool { left.rawValue < right.rawValue }
}

/// A message in the inbox.
package struct StoredMessage: Equatable, Sendable {
    package let position: MessagePosition
    /// Its identity: the id in its content, or one that the inbox gave it, unique across inboxes. The same each time that
    /// it is handed over.
    package let id: String
    /// The name of the identity that it was pushed to.
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

    /// How long ago it came, by the wall clock; zero where that says that it is yet to come.
    package func age(at now: WallTime) -> Duration {
        let (age, isOver) = now.millisecondsSince1970.subtractingReportingOverflow(received.millisecondsSince1970)
        return isOver ? .zero : .milliseconds(max(0, age))
    }
}

/// How far a message has come with a route.
package enum MessageState: String, CaseIterable, Sendable {
    /// The route has not settled it yet.
    case pending
    /// The route has settled it.
    case done
    case dead
}

/// Which messages of the inbox, oldest first.
package struct MessageQuery: Equatable, Sendable {
    /// Only what comes after it; with `isNewestFirst` what comes before it, and `start` is then no bound.
    package var after: MessagePosition
    /// Messages at most, 1 to 1000; a page has fewer where they are long.
    package var limit: Int
    package var identity: String?
    package var id: String?
    /// Together: only those in that state with that consumer.
    package var consumer: ConsumerName?
    package var state: MessageState?
    /// From the newest backwards.
    package var isNewestFirst: Bool
    package var user: String?
    /// Only what was received then or later, by the wall clock.
    package var since: WallTime?
    /// Only what has this text in its content, letter for letter.
    package var text: String?

    /// The longest such text, in bytes.
    package static let longestText = 1024

    package init(
        after: MessagePosition = .start, limit: Int = 100, identity: String? = nil, id: String? = nil,
        consumer: ConsumerName? = nil, state: MessageState? = nil, isNewestFirst: Bool = false
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

/// A page of messages.
package struct MessagePage: Equatable, Sendable {
    package let messages: [StoredMessage]
    /// What `MessageQuery.after` has to be for the next page; nil where this is the last.
    package var next: MessagePosition?

    package init(messages: [StoredMessage], next: MessagePosition? = nil) {
        self.messages = messages
        self.next = next
    }
}
