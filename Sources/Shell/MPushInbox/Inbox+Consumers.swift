package import MPushModel

/// How far each consumer has come, and dead letters.
extension Inbox {
    /// How far the consumer has come; one that is not known is made, behind the last message or, `fromOldest`, before the
    /// first. It counts as active from now on: what it has not settled is kept as long as the bounds allow.
    package func openConsumer(
        _ name: ConsumerName, fromOldest: Bool, done: @escaping (Result<ConsumerProgress, InboxFailure>) -> Void
    ) {
        if case .route = name { unopened[name] = fromOldest }
        ask(.process, { store throws(SQLiteError) in try store.open(name, fromOldest: fromOldest) }) { [self] result in
            if case .success = result { unopened[name] = nil }
            done(result)
        }
    }

    /// All consumers that the database knows, active or not.
    package func consumers(done: @escaping (Result<[ConsumerName: Consumer], InboxFailure>) -> Void) {
        ask(.none, { store throws(SQLiteError) in store.tally.consumers.mapValues(\.consumer) }, done: done)
    }

    /// Whether the database knows the consumer, active or not.
    package func knows(_ name: ConsumerName, done: @escaping (Result<Bool, InboxFailure>) -> Void) {
        ask(.none, { store throws(SQLiteError) in store.tally.consumers[name] != nil }, done: done)
    }

    /// Until it is taken back with nil, or is over, an operator wants nothing handed over to the consumer; that is kept over
    /// restarts, and told by `openConsumer`. Fails with `.noSuch` where the consumer is not known.
    package func pauseConsumer(
        _ name: ConsumerName, _ pause: RoutePause?, done: @escaping (InboxFailure?) -> Void
    ) {
        ask(.disk, { store throws(SQLiteError) in try store.pause(name, pause) }) { done(Inbox.failure($0, name)) }
    }

    /// What became of the message with this id, or at `#` and this position; nil where there is none.
    package func trace(_ id: String, done: @escaping (Result<MessageTrace?, InboxFailure>) -> Void) {
        ask(.none, { store throws(SQLiteError) in try store.trace(id) }, done: done)
    }

    /// The consumer is not in use any more: its state stays, but nothing is kept for it when there is no room.
    package func retireConsumer(_ name: ConsumerName) {
        unopened[name] = nil
        ask(.process, { store throws(SQLiteError) in try store.retire(name) }, done: { _ in })
    }

    /// Forgets the consumer, and its dead letters. Fails with `.noSuch` where it is not known.
    package func removeConsumer(_ name: ConsumerName, done: @escaping (InboxFailure?) -> Void) {
        unopened[name] = nil
        ask(.disk, { store throws(SQLiteError) in try store.remove(name) }) { result in
            done(Inbox.failure(result, name))
        }
    }

    /// Records what `consumer` has done. `done` hears once that is written, and would survive the process.
    package func record(
        _ changes: [ConsumerChange], of consumer: ConsumerName, done: @escaping (InboxFailure?) -> Void
    ) {
        let isFinal = changes.contains { if case .buried = $0 { true } else { false } }
        ask(isFinal ? .disk : .process, { store throws(SQLiteError) in try store.record(changes, of: consumer) }) {
            done(Inbox.failure($0, consumer))
        }
    }

    /// A page of dead letters, the oldest message first.
    package func deadLetters(
        _ query: DeadLetterQuery, done: @escaping (Result<DeadLetterPage, InboxFailure>) -> Void
    ) {
        ask(.none, { store throws(SQLiteError) in try store.deadLetters(query) }, done: done)
    }

    /// Takes dead letters of `consumer` back among what is to be handed over: those at `positions`, or all where that is
    /// nil. `done` has those that were there.
    package func returnDeadLetters(
        _ positions: [MessagePosition]?, of consumer: ConsumerName,
        done: @escaping (Result<[MessagePosition], InboxFailure>) -> Void
    ) {
        ask(.disk, { store throws(SQLiteError) in try store.returnDeadLetters(positions, of: consumer) }) {
            done($0.flatMap { $0.map(Result.success) ?? .failure(Inbox.unknown(consumer)) })
        }
    }

    /// Forgets dead letters: those at `positions`, or all where that is nil. `done` has how many.
    package func discardDeadLetters(
        _ positions: [MessagePosition]?, of consumer: ConsumerName,
        done: @escaping (Result<Int, InboxFailure>) -> Void
    ) {
        ask(.disk, { store throws(SQLiteError) in try store.discardDeadLetters(positions, of: consumer) }) {
            done($0.flatMap { $0.map(Result.success) ?? .failure(Inbox.unknown(consumer)) })
        }
    }

    private static func failure(_ result: Result<Bool, InboxFailure>, _ name: ConsumerName) -> InboxFailure? {
        switch result {
        case .success(true): nil
        case .success(false): unknown(name)
        case .failure(let failure): failure
        }
    }

    private static func unknown(_ name: ConsumerName) -> InboxFailure {
        switch name {
        case .route(let name): InboxFailure(.noSuch, "There is no route \(name)")
        case .follower(let name): InboxFailure(.noSuch, "There is no consumer \(name)")
        }
    }
}
