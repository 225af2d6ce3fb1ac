/// The inbox at a moment, known without asking the disk; its counters are since the start.
package struct InboxStatus: Equatable, Sendable {
    /// In it now.
    package var messages = 0
    /// Of all that counts towards `max_bytes`.
    package var bytes = 0
    /// The last that was stored.
    package var last = MessagePosition.start
    package var stored: UInt64 = 0
    package var duplicates: UInt64 = 0
    /// For want of room.
    package var refused: UInt64 = 0
    /// Because of a failure.
    package var failed: UInt64 = 0
    /// Those that gave way to others, or to their age, while somebody waited for them.
    package var dropped: UInt64 = 0
    /// Transactions that were synced.
    package var commits: UInt64 = 0
    /// Why nothing can be stored now; nil while all is well.
    package var failure: InboxFailure?
    /// Whether there is no room now.
    package var isFull = false
    /// What keeps a full inbox from having room; nil while it is not full, and where nothing does but the bounds.
    package var holder: InboxHolder?
    /// Where a damaged database was set aside by this process; nil for none.
    package var setAside: String?
    /// The latest wall time at which a message of an earlier boot came; nil for none.
    package var newestOnRecord: WallTime?
    /// Messages handed in and not on the disk yet.
    package var waiting = 0

    package init() {}

    /// Whether messages that come now can be expected to be stored.
    package var isHealthy: Bool { failure == nil && !isFull }
}

/// What keeps messages in the inbox.
package enum InboxHolder: Equatable, Sendable {
    /// Of all consumers in use, this one is furthest behind the last message, by so many positions.
    case consumer(ConsumerName, behind: Int)
    /// No consumer is behind; so many dead letters hold their messages.
    case deadLetters(Int)

    /// In words that follow "the inbox is full: ", with what to do.
    package var explanation: String {
        switch self {
        case .consumer(.route(let name), let behind):
            "route \(name) is furthest behind, by \(behind.grouped) \(InboxHolder.messages(behind)) (mpushctl routes)"
        case .consumer(.follower(let name), let behind):
            "follower \(name) is furthest behind, by \(behind.grouped) \(InboxHolder.messages(behind)): let it acknowledge "
                + "them, or remove it (mpushctl consumers)"
        case .deadLetters(let count):
            "\(count.grouped) dead \(count == 1 ? "letter holds its message" : "letters hold their messages"): send them "
                + "again or discard them (mpushctl dead-letters)"
        }
    }

    /// That a full inbox refuses messages, and what holds it.
    package static func refusal(because holder: InboxHolder?) -> String {
        "the inbox is full: messages are refused (on_full = \"refuse\")" + (holder.map { "; \($0.explanation)" } ?? "")
    }

    private static func messages(_ count: Int) -> String { count == 1 ? "message" : "messages" }
}

/// Why the inbox cannot do its work.
package struct InboxFailure: Error, Equatable, Sendable {
    package enum Kind: String, CaseIterable, Equatable, Sendable {
        case diskFull = "disk-full"
        case readOnly = "read-only"
        case damaged
        /// Any other trouble with the disk or the file.
        case disk
        /// The disk has not answered for a while, and may never.
        case stuck
        /// What was asked for cannot be: a consumer or a message that is not there.
        case noSuch = "no-such"
        /// The inbox is closed, or too much waits for it.
        case busy
    }

    package let kind: Kind
    /// In words, with the file.
    package let detail: String

    package init(_ kind: Kind, _ detail: String) {
        self.kind = kind
        self.detail = detail
    }
}
