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
    /// A job that has waited so long is a failure of the disk.
    static let longestJob = Duration.seconds(10)
    /// After a sleep of the machine all that was under way is that old: it has so long to end.
    private static let respite = Duration.seconds(1)

    private let eventLoop: any EventLoop
    private let worker: InboxWorker
    private let clock: any ClockSource
    private let timer: LoopTimer
    private let onNews: (InboxNews) -> Void
    private var waitingBytes = 0
    /// When each job that is not done was handed in, in their order.
    private var waitingJobs = CircularBuffer<Instant>()
    private var retry: LoopTimer.Owner?
    private var roomWatch: LoopTimer.Owner?
    private var roomDigest = RoomDigest()
    private var watch: LoopTimer.Owner?
    private var isRetryDue = false
    /// Set while a look at the oldest job is due.
    private var isWatched = false
    private var isOverdue = false
    /// An open may take long: a log to play back, a check, a migration.
    private var isOpen = false
    private var isClosed = false
    private var stored = InboxStatus()
    private var consumers: [ConsumerName: ConsumerRow] = [:]
    /// Routes that were to be opened, and whether from the oldest message, as long as that has not succeeded: what is stored
    /// meanwhile is theirs, so the transaction that stores it makes them.
    var unopened: [ConsumerName: Bool] = [:]
    private var waiting = 0
    private var failed: UInt64 = 0
    private var setAside: String?
    /// What the jobs said last.
    private var jobFailure: InboxFailure?
    /// That the jobs say nothing.
    private var stuck: InboxFailure?

    /// What there is to say of it now.
    package var status: InboxStatus {
        var status = stored
        (status.waiting, status.failed) = (waiting, failed)
        (status.failure, status.setAside) = (stuck ?? jobFailure, setAside)
        return status
    }

    /// How many dead letters `consumer` has: what is recorded when this is asked.
    package func deadLetters(of consumer: ConsumerName) -> Int { consumers[consumer]?.consumer.deadLetters ?? 0 }

    /// Whether the disk does not answer: nobody knows whether it ever will.
    package var isStuck: Bool { stuck != nil }

    /// An inbox in `directory`, with the file `inbox.db`, which is opened under the `lock` where there is one. `onNews` hears
    /// on the event loop what it has to say unasked.
    package init(
        directory: String, lock: DirectoryLock? = nil, settings: InboxSettings, clock: any ClockSource,
        threads: any ThreadStarter, files: any FileStore, timer: LoopTimer, onNews: @escaping (InboxNews) -> Void
    ) {
        let eventLoop = timer.eventLoop
        self.eventLoop = eventLoop
        self.clock = clock
        self.timer = timer
        self.onNews = onNews
        let box = NIOLoopBoundBox<Weak?>(nil, eventLoop: eventLoop)
        worker = InboxWorker(
            directory: directory, lock: lock, settings: settings, clock: clock, threads: threads, files: files
        ) { report in
            eventLoop.execute { box.value?.inbox?.handle(report) }
        }
        box.value = Weak(self)
        retry = timer.makeOwner { [weak self] _ in
            self?.isRetryDue = false
            self?.tryAgain {}
        }
        roomWatch = timer.makeOwner { [weak self] _ in self?.sayWhetherItIsFull() }
        // A turn later: what became due with it, as after a sleep of the machine all does, has had its turn by then.
        watch = timer.makeOwner { [weak self] _ in
            eventLoop.assumeIsolated().execute { self?.lookForOverdueJob() }
        }
    }

    private struct Weak {
        weak var inbox: Inbox?

        init(_ inbox: Inbox) {
            self.inbox = inbox
        }
    }

    /// Opens the database, or makes it, and gives the tickets in it; none where that fails, which is news.
    package func open(done: @escaping ([StoredTicket]) -> Void) {
        ask(.disk, { store throws(SQLiteError) in try store.tickets() }) { tickets in
            done((try? tickets.get()) ?? [])
        }
    }

    /// Other bounds are in force.
    package func apply(_ settings: InboxSettings) {
        worker.bounds = settings
        // There may be room by them.
        if stored.isFull { ask(.process, { _ throws(SQLiteError) in }, done: { _ in }) }
    }

    /// Asks whether the thread comes to something new, whatever it finds of the disk: true when it has, false once it is known
    /// to hang.
    package func answers(done: @escaping (Bool) -> Void) {
        guard !isStuck else { return done(false) }
        var done: ((Bool) -> Void)? = done
        let deadline = timer.schedule(in: Inbox.longestJob + Inbox.respite + Inbox.respite) { [weak self] in
            done?(self?.isStuck == false)
            done = nil
        }
        ask(.none, { _ throws(SQLiteError) in }) { [timer] _ in
            timer.remove(deadline)
            done?(true)
            done = nil
        }
    }

    /// Whether nothing waits for the disk.
    package var isIdle: Bool { waitingJobs.isEmpty }

    /// Stores `messages` in their order; one transaction, and one sync, serves all that waits. `done` is called once, with
    /// as many outcomes, after the sync.
    package func store(_ messages: [NewMessage], done: @escaping ([StoreOutcome]) -> Void) {
        let bytes = messages.reduce(0) { $0 + $1.content.readableBytes }
        guard waiting + messages.count <= Inbox.mostWaitingMessages,
            waitingBytes + bytes <= Inbox.mostWaitingBytes
        else {
            let failure = InboxFailure(.busy, "the disk does not keep up with what comes")
            return done(messages.map { _ in .failed(failure) })
        }
        let count = messages.count
        let (worker, unopened) = (worker, unopened)
        ask(
            .disk, messages: count, bytes: bytes,
            { store throws(SQLiteError) in
                for (name, fromOldest) in unopened { try store.activate(name, fromOldest: fromOldest) }
                return try store.store(messages, settings: worker.bounds)
            },
            done: { result in
                switch result {
                case .success(let outcomes): done(outcomes)
                case .failure(let failure):
                    self.failed += UInt64(count)
                    done((0..<count).map { _ in .failed(failure) })
                }
            })
    }

    /// A page of messages.
    package func messages(
        _ query: MessageQuery, done: @escaping (Result<MessagePage, InboxFailure>) -> Void
    ) {
        collect(query, [], done)
    }

    /// Looks through the inbox in steps, so that nobody waits for the database until the whole of it was read.
    private func collect(
        _ query: MessageQuery, _ found: [StoredMessage],
        _ done: @escaping (Result<MessagePage, InboxFailure>) -> Void
    ) {
        ask(.none, { store throws(SQLiteError) in try store.messages(query) }) { [self] result in
            guard case .success(let page) = result else { return done(result) }
            let all = found + page.messages
            let bytes = all.reduce(0) { $0 + $1.content.readableBytes }
            guard let next = page.next, page.messages.count < query.limit, bytes < InboxStore.pageBytes else {
                return done(.success(MessagePage(messages: all, next: page.next)))
            }
            var rest = query
            rest.after = next
            rest.limit -= page.messages.count
            collect(rest, all, done)
        }
    }

    /// Keeps `ticket` for `identity` in place of the one before; nil forgets that. `done` hears once it is on the disk.
    package func keepTicket(
        _ ticket: StoredTicket?, of identity: String, done: @escaping (InboxFailure?) -> Void
    ) {
        ask(.disk, { store throws(SQLiteError) in try store.keep(ticket, of: identity) }, done: { done($0.failure) })
    }

    /// Gives the last good answer of an allocator; nil for none.
    package func allocation(done: @escaping (StoredAllocation?) -> Void) {
        ask(.disk, { store throws(SQLiteError) in try store.allocation() }, done: { done(try? $0.get()) })
    }

    /// Keeps the last good answer of an allocator, in place of the one before.
    package func keep(_ allocation: StoredAllocation) {
        ask(.disk, { store throws(SQLiteError) in try store.keep(allocation) }, done: { _ in })
    }

    /// Gives what is known of networks, the one that was used last in the end.
    package func keepalives(done: @escaping ([StoredKeepalive]) -> Void) {
        ask(.disk, { store throws(SQLiteError) in try store.keepalives() }, done: { done((try? $0.get()) ?? []) })
    }

    /// Keeps what is known of a network, in place of what was before.
    package func keep(_ keepalive: StoredKeepalive) {
        ask(.disk, { store throws(SQLiteError) in try store.keep(keepalive) }, done: { _ in })
    }

    /// Writes what waits, for as long as that takes, and closes the database.
    package func close(done: @escaping () -> Void) {
        isClosed = true
        for owner in [retry, watch, roomWatch].compactMap(\.self) { timer.remove(owner) }
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
        waiting += messages
        waitingBytes += bytes
        waitingJobs.append(clock.now)
        if !isWatched { watchJobs(for: Inbox.longestJob) }
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

    private func handle(_ report: InboxWorker.Report) {
        for job in report.done {
            waiting -= job.messages
            waitingBytes -= job.bytes
            if !waitingJobs.isEmpty { waitingJobs.removeFirst() }
        }
        let wasStuck = !report.done.isEmpty && stuck != nil
        if !report.done.isEmpty { (isOverdue, stuck) = (false, nil) }
        note(report.health, wasStuck: wasStuck)
        for news in report.news {
            switch news {
            case .begunAnew(let place?, _), .logLost(let place): setAside = place
            case .begunAnew(nil, _), .logCut, .failing, .recovered, .full, .roomAgain, .dropped, .migrating: break
            }
            onNews(news)
        }
        if let tally = report.tally { note(tally) }
        for reply in report.replies { reply() }
    }

    private func note(_ tally: InboxTally) {
        isOpen = true
        let wasFull = stored.isFull
        stored = tally.status
        stored.holder = tally.holder
        consumers = tally.consumers
        if stored.isFull != wasFull { sayWhetherItIsFull() }
    }

    private func sayWhetherItIsFull() {
        guard let roomWatch, !isClosed else { return }
        if roomDigest.shouldSay(isFull: stored.isFull, at: timer.now) {
            onNews(stored.isFull ? .full(stored.holder) : .roomAgain)
        }
        timer.set(roomDigest.due, for: roomWatch)
    }

    private func note(_ health: InboxWorker.Health, wasStuck: Bool) {
        let before = jobFailure
        switch health {
        case .unsaid: break
        case .failing(let failure): jobFailure = failure
        case .well: jobFailure = nil
        }
        // What it says of the disk now, once.
        if wasStuck || jobFailure?.kind != before?.kind { onNews(jobFailure.map(InboxNews.failing) ?? .recovered) }
        // What is wrong may mend itself, also where no message comes to find out. What comes meanwhile does not put it off.
        guard let retry, !isClosed, isRetryDue != (jobFailure != nil) else { return }
        isRetryDue = jobFailure != nil
        timer.set(isRetryDue ? timer.now + Inbox.retryAfter : nil, for: retry)
    }

    // MARK: - Disks that do not answer

    private func watchJobs(for duration: Duration) {
        guard let watch else { return }
        isWatched = true
        timer.set(timer.now + duration, for: watch)
    }

    /// Says so where the oldest job is overdue, and was already a moment ago.
    func lookForOverdueJob() {
        isWatched = false
        guard !isClosed, let oldest = waitingJobs.first else { return }
        let age = clock.now - oldest
        guard isOpen, age >= Inbox.longestJob else {
            return watchJobs(for: max(Inbox.respite, Inbox.longestJob - age))
        }
        if isOverdue, stuck == nil {
            let failure = InboxFailure(
                .stuck, "the disk has not answered for \(age.humanReadable): a write or a sync of it hangs")
            stuck = failure
            onNews(.failing(failure))
        }
        isOverdue = true
        watchJobs(for: Inbox.respite)
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
