import Glibc
import MPushConfiguration
import MPushModel
import MPushPlatform
import Synchronization

/// Does the inbox's jobs, all that wait in one transaction with one sync, on a short thread that lives while there are
/// some. Sets a damaged database aside, and opens one again that could not be opened.
final class InboxWorker: Sendable {
    /// What has failed, and has not succeeded yet.
    private struct Refusal {
        /// Of content, in the largest transaction that failed.
        var bytes: Int
        var isDiskFull: Bool
        /// When it was last tried to make room.
        var roomTried: Instant?
    }

    /// An opening that took long and failed, or that fails until somebody sees to it: it is not tried again for each batch.
    private struct FailedOpening {
        let error: SQLiteError
        let at: Instant
    }

    /// Belongs to whichever thread does the jobs: there is one at a time.
    private final class Place: @unchecked Sendable {
        var store: InboxStore?
        var isSyncing = true
        var refusal: Refusal?
        var hasSaidMigration = false
        var failedOpening: FailedOpening?
        /// There may be logs whose positions are not skipped yet.
        var mayHaveLostLogs = true
        /// What SQLite has passed over in the log, and whose positions are not skipped yet.
        var dropped: WriteAheadLog.Dropped?
    }

    /// Jobs that share a transaction, at most: a reply must not wait for ever.
    private static let mostJobs = 256
    /// How long until it is tried again to make room on a full disk.
    private static let roomAgain = Duration.seconds(4)
    /// How long until an opening is tried again that took long and failed.
    private static let openAgain = Duration.seconds(30)
    private static let longOpening = Duration.seconds(1)

    private let files: InboxFiles
    private let lock: DirectoryLock?
    private let clock: any ClockSource
    private let threads: any ThreadStarter
    private let store: any FileStore
    private let settings: Mutex<InboxSettings>
    private let queue = Mutex(JobQueue<InboxJob>())
    private let place = Place()
    private let tell: @Sendable (Report) -> Void

    /// - Parameter tell: hears what came of the jobs, on the thread.
    init(
        directory: String, lock: DirectoryLock?, settings: InboxSettings, clock: any ClockSource,
        threads: any ThreadStarter, files store: any FileStore, tell: @escaping @Sendable (Report) -> Void
    ) {
        self.clock = clock
        self.threads = threads
        self.store = store
        files = InboxFiles(in: directory, store)
        self.lock = lock
        self.settings = Mutex(settings)
        self.tell = tell
    }

    /// The bounds in force.
    var bounds: InboxSettings {
        get { settings.withLock { $0 } }
        set { settings.withLock { $0 = newValue } }
    }

    /// Does `job` after all that were handed in before it.
    func run(_ job: InboxJob) {
        guard queue.withLock({ $0.add(job) }) else { return }
        do throws(OSError) {
            try threads.run { [self] in work() }
        } catch {
            let jobs = queue.withLock { $0.abandon() }
            let failure = InboxFailure(.busy, "no thread for the inbox: \(error)")
            tell(Report(replies: jobs.map { $0.fail(failure) }, health: .failing(failure), done: jobs))
        }
    }

    private func work() {
        while let jobs = next() {
            perform(jobs)
            shrinkWhileIdle()
        }
    }

    /// What comes in the meantime is waited for by a step at most.
    private func shrinkWhileIdle() {
        guard let store = place.store, place.refusal == nil else { return }
        // What is wrong will be so for the next job, too, which says it.
        while queue.withLock({ $0.isEmpty }), (try? store.shrink()) == true {}
    }

    private func next() -> [InboxJob]? {
        queue.withLock { queue in
            queue.next { jobs in
                let some = jobs.prefix(InboxWorker.mostJobs)
                // A trial and the close come alone, after the transaction of all that was before them.
                return some.firstIndex { $0.kind != .work }.map { some.prefix(max(1, $0)) } ?? some
            }
        }
    }

    // MARK: - On the thread

    private func perform(_ jobs: [InboxJob]) {
        var report = Report(done: jobs)
        do throws(SQLiteError) {
            report.replies = try attempt(jobs, &report)
        } catch {
            fail(jobs, error, &report)
        }
        report.tally = place.store?.tally
        tell(report)
    }

    /// Does the jobs, and once more where what was in the way could be moved out of it: a damaged database, a full disk.
    private func attempt(_ jobs: [InboxJob], _ report: inout Report) throws(SQLiteError) -> [InboxJob.Reply] {
        do throws(SQLiteError) {
            return try once(jobs, &report)
        } catch {
            if error.isDamage, place.failedOpening == nil {
                report.news.append(try setAside(error.message))
            } else {
                guard error.kind == .diskFull, makesRoom(for: jobs) else { throw error }
            }
            return try once(jobs, &report)
        }
    }

    private func once(_ jobs: [InboxJob], _ report: inout Report) throws(SQLiteError) -> [InboxJob.Reply] {
        guard jobs.first?.kind == .trial else { return try transact(jobs, &report) }
        let store = try openStore(ClockReading(clock), &report)
        try sync(store, true)
        let bytes = place.refusal?.bytes ?? 0
        if place.refusal?.isDiskFull == true {
            try store.makeRoomOnDisk(for: bytes)
        } else {
            try store.tryDisk(bytes)
        }
        place.refusal = nil
        report.health = .well
        return try jobs.map { job throws(SQLiteError) in try job.perform(store) }
    }

    private func makesRoom(for jobs: [InboxJob]) -> Bool {
        let now = clock.now
        guard let store = place.store, jobs.first?.kind == .work,
            place.refusal?.roomTried.map({ now - $0 >= InboxWorker.roomAgain }) ?? true
        else { return false }
        place.refusal = Refusal(bytes: place.refusal?.bytes ?? 0, isDiskFull: true, roomTried: now)
        do throws(SQLiteError) {
            try sync(store, true)
            try store.makeRoomOnDisk(for: max(place.refusal?.bytes ?? 0, InboxWorker.largest(of: jobs)))
            return true
        } catch {
            return false
        }
    }

    /// What is refused is a job, not all that happened to wait with it.
    private static func largest(of jobs: [InboxJob]) -> Int { jobs.lazy.map(\.bytes).max() ?? 0 }

    private func fail(_ jobs: [InboxJob], _ error: SQLiteError, _ report: inout Report) {
        let words =
            error.systemError == 0 ? error.message : "\(error.message): \(OSError.text(for: error.systemError))"
        let failure = InboxFailure(error.kind, "\(files.path): \(words)")
        place.refusal = Refusal(
            bytes: max(place.refusal?.bytes ?? 0, InboxWorker.largest(of: jobs)), isDiskFull: error.kind == .diskFull,
            roomTried: place.refusal?.roomTried)
        report.health = .failing(failure)
        report.replies = jobs.map { $0.fail(failure) }
    }

    /// Whether what was stored since `before` is what was refused, or as much.
    private func noteStored(since before: InboxTally, _ after: InboxTally, _ report: inout Report) {
        guard let refusal = place.refusal, after.status.stored > before.status.stored,
            after.storedBytes &- before.storedBytes >= refusal.bytes
        else { return }
        place.refusal = nil
        report.health = .well
    }

    private func transact(_ jobs: [InboxJob], _ report: inout Report) throws(SQLiteError) -> [InboxJob.Reply] {
        let reading = ClockReading(clock)
        let store = try openStore(reading, &report)
        let durability = jobs.lazy.map(\.durability).max() ?? .none
        let before = store.tally
        store.passTime(to: reading)
        do throws(SQLiteError) {
            if durability != .none {
                try sync(store, durability == .disk)
                try store.begin()
            }
            if durability == .disk { try store.keepTime(reading, isSynchronised: clock.isWallSynchronised) }
            let replies = try jobs.map { job throws(SQLiteError) in try job.perform(store) }
            if durability == .disk { try store.removeOld(settings: bounds) }
            if durability != .none { try store.lookForRoom(settings: bounds) }
            if durability != .none { try store.commit() }
            if durability == .disk { store.tally.status.commits += 1 }
            noteStored(since: before, store.tally, &report)
            let dropped = store.tally.status.dropped - before.status.dropped
            if dropped > 0 { report.news.append(.dropped(count: Int(clamping: dropped))) }
            return replies
        } catch {
            if store.database.isInTransaction { try? store.database.execute("ROLLBACK") }
            store.tally = before
            throw error
        }
    }

    /// A sync at the end of each transaction, or not.
    private func sync(_ store: InboxStore, _ isSyncing: Bool) throws(SQLiteError) {
        guard isSyncing != place.isSyncing else { return }
        try store.database.execute(isSyncing ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL")
        place.isSyncing = isSyncing
    }

    private func openStore(
        _ reading: ClockReading, _ report: inout Report
    ) throws(SQLiteError) -> InboxStore {
        let wasOpen = place.store != nil
        if let store = place.store {
            if store.isInPlace {
                try skipLostPositions(store, &report)
                return store
            }
            store.close()
            place.store = nil
        }
        if let failed = place.failedOpening, reading.boot - failed.at < InboxWorker.openAgain { throw failed.error }
        place.failedOpening = nil
        try files.haveDirectory(locking: lock)
        try lookBeforeOpening(wasRemoved: wasOpen, &report)
        let store: InboxStore
        var isMigrating = false
        do throws(SQLiteError) {
            store = try InboxStore(path: files.path, in: self.store, at: reading) { from, to in
                isMigrating = true
                migrates(from, to)
            }
        } catch {
            files.removeIfEmpty()
            if !error.isDamage { noteFailedOpening(error, since: reading.boot, isMigrating: isMigrating) }
            throw error
        }
        do throws(SQLiteError) {
            try store.check()
            try store.becomeShrinkable()
        } catch {
            store.close()
            if !error.isDamage { noteFailedOpening(error, since: reading.boot, isMigrating: false) }
            throw error
        }
        place.isSyncing = true
        place.store = store
        try skipLostPositions(store, &report)
        return store
    }

    /// What took long and failed is not tried again with each message.
    private func noteFailedOpening(_ error: SQLiteError, since began: Instant, isMigrating: Bool) {
        guard isMigrating || clock.now - began >= InboxWorker.longOpening else { return }
        place.failedOpening = FailedOpening(error: error, at: clock.now)
    }

    /// Does not give again what may have been given in logs that were lost. Where it fails it is done later.
    private func skipLostPositions(_ store: InboxStore, _ report: inout Report) throws(SQLiteError) {
        if let dropped = place.dropped {
            try sync(store, true)
            try store.skipPositions(ofLog: dropped.bytes)
            report.news.append(.logCut(transactions: dropped.transactions))
            place.dropped = nil
            // What was dropped stands in the file still, behind what is stored from now on: after a kill it would be
            // found again, and said again. Where this fails, that is all.
            try? store.emptyLog()
        }
        guard place.mayHaveLostLogs else { return }
        if let lost = files.lostBytes {
            try sync(store, true)
            try store.skipPositions(ofLog: lost)
            if let target = files.releaseLostLogs() { report.news.append(.logLost(setAside: target)) }
        }
        place.mayHaveLostLogs = false
    }

    /// Sets aside what SQLite would pass over in silence.
    private func lookBeforeOpening(wasRemoved: Bool, _ report: inout Report) throws(SQLiteError) {
        let stamp = clock.wall.rfc3339
        let finding: InboxFiles.Finding
        do throws(OSError) {
            finding = try files.look()
        } catch {
            throw SQLiteError.unopened("it cannot be looked at", error)
        }
        switch finding {
        case .logCut(let dropped): place.dropped = dropped
        case .sound:
            if wasRemoved {
                report.news.append(.begunAnew(setAside: nil, detail: "\(files.path) was removed"))
            }
        case .damaged(let words): report.news.append(try setAside(words))
        case .logDamaged:
            do throws(OSError) {
                try files.setLogAside(at: stamp)
            } catch {
                throw SQLiteError.unopened("the log is damaged and cannot be moved away", error)
            }
            place.mayHaveLostLogs = true
        }
    }

    /// Says so at once, because it may take long; and once, also where it is tried again and again.
    private func migrates(_ from: Int, _ to: Int) {
        guard !place.hasSaidMigration else { return }
        place.hasSaidMigration = true
        tell(Report(news: [.migrating(from: from, to: to)]))
    }

    /// Moves the database out of the way, whole. Where that fails it stays, and nothing is stored: SQLite would make an empty
    /// database out of what may be mended.
    private func setAside(_ words: String) throws(SQLiteError) -> InboxNews {
        place.store?.close()
        (place.store, place.dropped) = (nil, nil)
        do throws(OSError) {
            return .begunAnew(setAside: try files.setAside(at: clock.wall.rfc3339), detail: words)
        } catch {
            let failure = SQLiteError(
                code: SQLiteError.corrupt, message: "it is damaged (\(words)) and cannot be moved away",
                systemError: error.number)
            place.failedOpening = FailedOpening(error: failure, at: clock.now)
            throw failure
        }
    }

    /// Closes the database; jobs that come later fail.
    func closeStore() {
        place.store?.close()
        place.store = nil
    }
}
