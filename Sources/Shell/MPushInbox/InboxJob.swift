import MPushModel
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

    /// What may be done together with it.
    enum Kind {
        /// All other work.
        case work
        /// It finds out whether the disk takes again what it has refused; alone.
        case trial
        /// It closes the database; alone.
        case close
    }

    let durability: Durability
    let kind: Kind
    /// Messages and bytes that wait with it.
    let messages: Int
    let bytes: Int
    let perform: @Sendable (InboxStore) throws(SQLiteError) -> Reply
    let fail: @Sendable (InboxFailure) -> Reply

    init(
        _ durability: Durability, kind: Kind = .work, messages: Int = 0, bytes: Int = 0,
        perform: @escaping @Sendable (InboxStore) throws(SQLiteError) -> Reply,
        fail: @escaping @Sendable (InboxFailure) -> Reply
    ) {
        self.durability = durability
        self.kind = kind
        self.messages = messages
        self.bytes = bytes
        self.perform = perform
        self.fail = fail
    }
}

extension InboxWorker {
    /// What the thread tells the event loop beside the replies.
    struct Report: Sendable {
        var replies: [InboxJob.Reply] = []
        var news: [InboxNews] = []
        var tally: InboxTally?
        var health = Health.unsaid
        var done: [InboxJob] = []
    }

    /// What the jobs say of whether messages can be stored.
    enum Health: Sendable {
        /// Nothing: that one thing succeeds says nothing of another that has failed.
        case unsaid
        case failing(InboxFailure)
        /// What has failed has succeeded.
        case well
    }
}
