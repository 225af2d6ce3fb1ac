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
