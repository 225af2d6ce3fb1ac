/// What there is to say of the inbox at a moment, known without asking the disk.
package struct InboxStatus: Equatable, Sendable {
    package var messages = 0
    package var bytes = 0
    /// The last that was stored.
    package var last = MessagePosition.start
    package var stored: UInt64 = 0
    package var duplicates: UInt64 = 0
    /// For want of room.
    package var refused: UInt64 = 0
    /// Because of a failure.
    package var failed: UInt64 = 0
    package var dropped: UInt64 = 0
    /// Transactions that were synced, by this process.
    package var commits: UInt64 = 0
    /// Why nothing can be stored now; nil while all is well.
    package var failure: InboxFailure?
    /// Whether there is no room now.
    package var isFull = false
    /// Where a damaged database was set aside by this process; nil for none.
    package var setAside: String?
    /// Messages and bytes handed in and not on the disk yet.
    package var waiting = 0

    package init() {}
}

/// What the inbox has to say unasked.
package enum InboxNews: Equatable, Sendable {
    /// It cannot store any more; said once until it can again, or the reason changes.
    case failing(InboxFailure)
    /// It can again.
    case recovered
    /// The database was damaged, is set aside whole, and a new one begun: every consumer begins anew.
    case begunAnew(setAside: String, detail: String)
    /// There is no room: messages are refused. Said once until there is room again.
    case full
    /// There is room again.
    case roomAgain
    /// Messages that somebody still waited for gave way, because of their age or because there was no room.
    case dropped(count: Int)
    /// The database of an earlier version is being brought to this one's.
    case migrating(from: Int, to: Int)
}

/// Why the inbox cannot do its work.
package struct InboxFailure: Error, Equatable, Sendable {
    package enum Kind: String, Equatable, Sendable {
        case diskFull = "disk-full"
        case readOnly = "read-only"
        case damaged
        /// Any other trouble with the disk or the file.
        case disk
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
