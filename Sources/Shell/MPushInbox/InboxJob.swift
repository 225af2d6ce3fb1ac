import NIOCore

/// A piece of work on the database, and what is to be done on the event loop when it is safe.
struct InboxJob: Sendable {
    typealias Reply = @Sendable () -> Void

    /// What must have reached the disk before the reply.
    enum Durability: Comparable {
        /// Nothing is written.
        case none
        /// It survives the death of the process; a power cut may undo it.
        case process
        /// It survives a power cut.
        case disk
    }

    let durability: Durability
    /// Messages and bytes that wait with it.
    let messages: Int
    let bytes: Int
    /// It closes the database: nothing may be done together with it.
    let isLast: Bool
    let perform: @Sendable (InboxStore) throws(SQLiteError) -> Reply
    let fail: @Sendable (InboxFailure) -> Reply

    init(
        _ durability: Durability, messages: Int = 0, bytes: Int = 0, isLast: Bool = false,
        perform: @escaping @Sendable (InboxStore) throws(SQLiteError) -> Reply,
        fail: @escaping @Sendable (InboxFailure) -> Reply
    ) {
        self.durability = durability
        self.messages = messages
        self.bytes = bytes
        self.isLast = isLast
        self.perform = perform
        self.fail = fail
    }
}
