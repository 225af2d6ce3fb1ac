package import MPushConfiguration
package import NIOCore

/// The durable store of messages, of how far each consumer has come with them, and of session tickets: one SQLite
/// database, used by one thread of its own, because a sync of the disk may take long. Belongs to its event loop, where
/// every answer comes, in the order of the questions.
package final class Inbox {
    /// An inbox in `directory`, with the file `inbox.db`. `onNews` hears on the event loop what it has to say unasked.
    package init(
        directory: String, settings: InboxSettings, on eventLoop: any EventLoop,
        onNews: @escaping (InboxNews) -> Void
    ) {
    }

    /// Opens the database, or makes it, and gives the tickets in it; none where that fails, which is news.
    package func open(done: @escaping ([StoredTicket]) -> Void) { done([]) }

    /// Other bounds are in force.
    package func apply(_ settings: InboxSettings) {}

    /// What there is to say of it now.
    package var status: InboxStatus { InboxStatus() }

    /// Whether nothing waits for the disk.
    package var isIdle: Bool { true }

    /// Stores `messages` in their order; one transaction, and one sync, serves all that waits. `done` is called once, with
    /// as many outcomes, after the sync.
    package func store(_ messages: [NewMessage], done: @escaping ([StoreOutcome]) -> Void) {
        done(messages.map { _ in .failed(InboxFailure(.busy, "the inbox is not there yet")) })
    }

    /// A page of messages.
    package func messages(
        _ query: MessageQuery, done: @escaping (Result<[StoredMessage], InboxFailure>) -> Void
    ) {
        done(.success([]))
    }

    /// How far the consumer has come; one that is not known is made, behind the last message or, `fromOldest`, before the
    /// first. It counts as active from now on: what it has not settled is kept as long as the bounds allow.
    package func openConsumer(
        _ name: ConsumerName, fromOldest: Bool, done: @escaping (Result<ConsumerState, InboxFailure>) -> Void
    ) {
        done(.success(ConsumerState(cursor: .start)))
    }

    /// All consumers that the database knows, active or not.
    package func consumers(done: @escaping (Result<[ConsumerName: ConsumerState], InboxFailure>) -> Void) {
        done(.success([:]))
    }

    /// The consumer is not in use any more: its state stays, but nothing is kept for it when there is no room.
    package func retireConsumer(_ name: ConsumerName) {}

    /// Forgets the consumer, and its dead letters. Fails with `.noSuch` where it is not known.
    package func removeConsumer(_ name: ConsumerName, done: @escaping (InboxFailure?) -> Void) { done(nil) }

    /// Records what `consumer` has done. `done` hears once that is written, and would survive the process.
    package func record(
        _ changes: [ConsumerChange], of consumer: ConsumerName, done: @escaping (InboxFailure?) -> Void
    ) {
        done(nil)
    }

    /// A page of dead letters, the oldest message first; of one consumer or of all.
    package func deadLetters(
        of consumer: ConsumerName?, after: MessagePosition, limit: Int,
        done: @escaping (Result<[DeadLetter], InboxFailure>) -> Void
    ) {
        done(.success([]))
    }

    /// Takes dead letters of `consumer` back among what is to be handed over: those at `positions`, or all where that is
    /// nil. `done` has those that were there.
    package func returnDeadLetters(
        _ positions: [MessagePosition]?, of consumer: ConsumerName,
        done: @escaping (Result<[MessagePosition], InboxFailure>) -> Void
    ) {
        done(.success([]))
    }

    /// Forgets dead letters: those at `positions`, or all where that is nil. `done` has how many.
    package func discardDeadLetters(
        _ positions: [MessagePosition]?, of consumer: ConsumerName,
        done: @escaping (Result<Int, InboxFailure>) -> Void
    ) {
        done(.success(0))
    }

    /// Keeps `ticket` for `identity` in place of the one before; nil forgets that. `done` hears once it is on the disk.
    package func keepTicket(
        _ ticket: StoredTicket?, of identity: String, done: @escaping (InboxFailure?) -> Void
    ) {
        done(nil)
    }

    /// Writes what waits, for as long as that takes, closes the database and ends the thread.
    package func close(done: @escaping () -> Void) { done() }
}
