package import MPushConfiguration
package import MPushModel
package import MPushPlatform
import NIOCore

/// The durable store of messages, of how far each consumer has come with them, and of session tickets: one SQLite
/// database, used by one thread at a time that is not the event loop's, because a sync of the disk may take long. Belongs
/// to its event loop, where every answer comes, in the order of the questions.
package final class Inbox {
    /// What may wait for the disk: who hands in more is told so. Connections stop reading long before.
    private static let mostWaitingMessages = 128 * 1024
    private static let mostWaitingBytes = 128 << 20
    /// How long until a failing database is tried again where nobody asks for anything.
    private static let retryAfter = Duration.seconds(5)

    private let eventLoop: any EventLoop
    private let timer: LoopTimer
    private let worker: InboxWorker
    private let onNews: (InboxNews) -> Void
    private var waitingBytes = 0
    private var waitingJobs = 0
    private var retry: LoopTimer.Owner?
    private var isClosed = false
    /// What there is to say of it now.
    package private(set) var status = InboxStatus()

    /// An inbox in `directory`, with the file `inbox.db`, which is opened under the `lock` where there is one. `onNews` hears
    /// on the event loop what it has to say unasked.
    package init(
        directory: String, lock: DirectoryLock? = nil, settings: InboxSettings, clock: InboxClock,
        timer: LoopTimer, onNews: @escaping (InboxNews) -> Void
    ) {
        let eventLoop = timer.eventLoop
        self.timer = timer
        self.eventLoop = eventLoop
        self.onNews = onNews
        let box = NIOLoopBoundBox<Weak?>(nil, eventLoop: eventLoop)
        worker = InboxWorker(directory: directory, lock: lock, settings: settings, clock: clock) { report in
            eventLoop.execute { box.value?.inbox?.heard(report) }
        }
        box.value = Weak(self)
    }

    private struct Weak {
        weak var inbox: Inbox?

        init(_ inbox: Inbox) {
            self.inbox = inbox
        }
    }

    /// Opens the database, or makes it, and gives the tickets in it; none where that fails, which is news.
    package func open(done: @escaping ([StoredTicket]) -> Void) {
        ask(.disk, { store throws(SQLiteError) in try store.tickets() }, done: { done((try? $0.get()) ?? []) })
    }

    /// Other bounds are in force.
    package func apply(_ settings: InboxSettings) {
        worker.bounds = settings
    }

    /// Whether nothing waits for the disk.
    package var isIdle: Bool { waitingJobs == 0 }

    /// Stores `messages` in their order; one transaction, and one sync, serves all that waits. `done` is called once, with
    /// as many outcomes, after the sync.
    package func store(_ messages: [NewMessage], done: @escaping ([StoreOutcome]) -> Void) {
        let bytes = messages.reduce(0) { $0 + $1.content.readableBytes }
        guard status.waiting + messages.count <= Inbox.mostWaitingMessages,
            waitingBytes + bytes <= Inbox.mostWaitingBytes
        else {
            let failure = InboxFailure(.busy, "the disk does not keep up with what comes")
            return done(messages.map { _ in .failed(failure) })
        }
        let count = messages.count
        let worker = worker
        ask(
            .disk, messages: count, bytes: bytes,
            { store throws(SQLiteError) in try store.store(messages, settings: worker.bounds) },
            done: { result in
                switch result {
                case .success(let outcomes): done(outcomes)
                case .failure(let failure):
                    self.status.failed += UInt64(count)
                    done((0..<count).map { _ in .failed(failure) })
                }
            })
    }

    /// A page of messages.
    package func messages(
        _ query: MessageQuery, done: @escaping (Result<MessagePage, InboxFailure>) -> Void
    ) {
        ask(.none, { store throws(SQLiteError) in try store.messages(query) }, done: done)
    }

    /// Keeps `ticket` for `identity` in place of the one before; nil forgets that. `done` hears once it is on the disk.
    package func keepTicket(
        _ ticket: StoredTicket?, of identity: String, done: @escaping (InboxFailure?) -> Void
    ) {
        ask(.disk, { store throws(SQLiteError) in try store.keep(ticket, of: identity) }, done: { done($0.failure) })
    }

    /// Writes what waits, for as long as that takes, and closes the database.
    package func close(done: @escaping () -> Void) {
        isClosed = true
        stopRetrying()
        let worker = worker
        ask(.none, kind: .close, { _ throws(SQLiteError) in worker.closeStore() }, done: { _ in done() })
    }

    // MARK: - Questions

    /// Has `work` done on the database, together with whatever waits, and hears what came of it on the event loop.
    func ask<Answer: Sendable>(
        _ durability: InboxJob.Durability, kind: InboxJob.Kind = .work, messages: Int = 0, bytes: Int = 0,
        _ work: @escaping @Sendable (InboxStore) throws(SQLiteError) -> Answer,
        done: @escaping (Result<Answer, InboxFailure>) -> Void
    ) {
        guard !isClosed || kind == .close else { return done(.failure(InboxFailure(.busy, "the inbox is closed"))) }
        status.waiting += messages
        waitingBytes += bytes
        waitingJobs += 1
        let answered = NIOLoopBound(done, eventLoop: eventLoop)
        worker.run(
            InboxJob(
                durability, kind: kind, messages: messages, bytes: bytes,
                perform: { store throws(SQLiteError) in
                    let answer = try work(store)
                    return { answered.value(.success(answer)) }
                },
                fail: { failure in { answered.value(.failure(failure)) } }))
    }

    // MARK: - Answers

    private func heard(_ report: InboxWorker.Report) {
        for job in report.done {
            status.waiting -= job.messages
            waitingBytes -= job.bytes
            waitingJobs -= 1
        }
        note(report.health)
        for news in report.news {
            if case .begunAnew(let setAside?, _) = news { status.setAside = setAside }
            onNews(news)
        }
        if let tally = report.tally { note(tally) }
        for reply in report.replies { reply() }
    }

    private func note(_ tally: InboxTally) {
        status.messages = tally.messages
        status.bytes = tally.bytes
        status.last = tally.last
        status.stored = tally.stored
        status.duplicates = tally.duplicates
        status.refused = tally.refused
        status.dropped = tally.dropped
        status.commits = tally.commits
        guard tally.isFull != status.isFull else { return }
        status.isFull = tally.isFull
        onNews(tally.isFull ? .full : .roomAgain)
    }

    private func note(_ health: InboxWorker.Health) {
        switch health {
        case .unsaid: break
        case .failing(let failure):
            let isOtherKind = failure.kind != status.failure?.kind
            status.failure = failure
            if isOtherKind { onNews(.failing(failure)) }
        case .well:
            guard status.failure != nil else { return }
            status.failure = nil
            stopRetrying()
            onNews(.recovered)
        }
        if status.failure != nil { tryAgainLater() }
    }

    /// What is wrong may mend itself, also where no message comes to find out.
    private func tryAgainLater() {
        guard retry == nil, !isClosed else { return }
        retry = timer.schedule(in: Inbox.retryAfter) { [weak self] in
            guard let self else { return }
            retry = nil
            tryAgain {}
        }
    }

    private func stopRetrying() {
        if let retry { timer.remove(retry) }
        retry = nil
    }

    /// Has the disk tried with as much as it has refused.
    func tryAgain(done: @escaping () -> Void) {
        ask(.disk, kind: .trial, { _ throws(SQLiteError) in }, done: { _ in done() })
    }
}

extension Result where Failure == InboxFailure {
    /// Why it failed; nil where it did not.
    var failure: InboxFailure? { if case .failure(let failure) = self { failure } else { nil } }
}
