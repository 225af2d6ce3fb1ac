import MPushConfiguration
import MPushModel
import MPushPlatform
import MPushTestSupport
import MPushWorld
import NIOCore
import Synchronization
import Testing

@testable import MPushInbox

/// The daemon's own inbox on a disk that loses its power: what it acknowledged is there.
@Suite struct InboxPowerCutTests {
    /// Does the work at once: a world has one thread.
    private struct InlineThreads: ThreadStarter {
        func run(_ work: @escaping @Sendable () -> Void) { work() }
    }

    /// What an inbox answered.
    private final class Answers: Sendable {
        let acknowledged = Mutex<[MessagePosition]>([])
        let found = Mutex<Set<MessagePosition>?>(nil)
        let news = Mutex<[InboxNews]>([])
    }

    private static let directory = "/state"

    private static func worker(on process: DiskProcess, _ answers: Answers) -> InboxWorker {
        InboxWorker(
            directory: directory, lock: nil, settings: InboxSettings(), clock: SettableClock(bootID: "first"),
            threads: InlineThreads(), files: process
        ) { report in
            answers.news.withLock { $0 += report.news }
            for reply in report.replies { reply() }
        }
    }

    private static func store(
        _ size: Int, in worker: InboxWorker, _ answers: Answers, durability: InboxJob.Durability = .disk
    ) {
        let message = NewMessage(
            identity: "home", user: "alice", received: WallTime(millisecondsSince1970: 0),
            content: ByteBuffer(repeating: 7, count: size), awaitsConsumer: false)
        worker.run(
            InboxJob(durability, messages: 1, bytes: size) { store throws(SQLiteError) in
                let outcomes = try store.store([message], settings: InboxSettings())
                return {
                    for case .stored(let message) in outcomes {
                        answers.acknowledged.withLock { $0.append(message.position) }
                    }
                }
            } fail: { _ in
                {}
            })
    }

    /// What was not synced may be there in part, and that is said.
    private static func isAlarm(_ news: InboxNews) -> Bool {
        if case .logCut = news { false } else { true }
    }

    private static func lookForMessages(in worker: InboxWorker, _ answers: Answers) {
        worker.run(
            InboxJob(.none) { store throws(SQLiteError) in
                let page = try store.messages(MessageQuery(limit: 1000, isNewestFirst: true))
                return { answers.found.withLock { $0 = Set(page.messages.map(\.position)) } }
            } fail: { _ in
                {}
            })
    }

    /// Three of these seeds cut the power while a log begins.
    @Test(arguments: [1, 3, 9, 26] as [UInt64])
    func whatWasAcknowledgedIsThere(seed: UInt64) throws {
        var generator = SplitMix64(seed: seed)
        let disk = SimulatedDisk(seed: seed)
        disk.troubles.reordersNames = seed.isMultiple(of: 2)
        var acknowledged: [MessagePosition] = []
        for cut in 0..<100 {
            let answers = Answers()
            let worker = Self.worker(on: disk.process("daemon"), answers)
            disk.failPower(after: Int.random(in: 0..<80, using: &generator))
            while !disk.isDown {
                Self.store(Int.random(in: 0..<3_000, using: &generator), in: worker, answers)
            }
            acknowledged = (acknowledged + answers.acknowledged.withLock { $0 }).suffix(500)
            disk.powerCut(using: &generator)
            worker.closeStore()

            let log = disk.content(of: Self.directory + "/inbox.db-wal")?.count
            let after = Answers()
            let next = Self.worker(on: disk.process("daemon"), after)
            Self.lookForMessages(in: next, after)
            let found = try #require(after.found.withLock { $0 }, "seed \(seed), cut \(cut): nothing can be read")
            let lost = acknowledged.filter { !found.contains($0) }
            #expect(lost == [], "seed \(seed), cut \(cut): \(after.news.withLock { $0 })")
            guard lost.isEmpty else { return }
            // Nothing is lost, so nobody is alarmed; a database that was just begun may be begun anew.
            if !acknowledged.isEmpty {
                let news = after.news.withLock { $0 }.filter(Self.isAlarm)
                #expect(news == [], "seed \(seed), cut \(cut), a log of \(log.map(String.init) ?? "no") bytes")
            }
            next.closeStore()
        }
        #expect(acknowledged.count > 100)
    }

    /// Linux does not write again what it could not sync: the log has a hole then, in what needed no sync and was committed.
    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func whatIsAcknowledgedAfterAFailedSyncIsThere(seed: UInt64) throws {
        var generator = SplitMix64(seed: seed)
        let disk = SimulatedDisk(seed: seed)
        let (before, after) = (Answers(), Answers())
        let worker = Self.worker(on: disk.process("daemon"), before)
        for size in 1...5 { Self.store(size * 500, in: worker, before) }
        worker.run(
            InboxJob(.process) { store throws(SQLiteError) in
                _ = try store.open(.route("r"), fromOldest: true)
                return {}
            } fail: { _ in
                {}
            })
        disk.troubles.syncFailures = 1
        Self.store(700, in: worker, before)
        disk.troubles.syncFailures = 0
        Self.store(800, in: worker, before)
        disk.powerCut(using: &generator)
        worker.closeStore()

        let next = Self.worker(on: disk.process("daemon"), after)
        Self.lookForMessages(in: next, after)
        next.closeStore()
        let acknowledged = before.acknowledged.withLock { $0 }
        #expect(acknowledged.count == 6)
        #expect(Set(acknowledged).subtracting(after.found.withLock { $0 } ?? []) == [])
    }

    /// Nor into the database: one that gets what a log holds is torn, where the power fails then, and the log has a hole. A
    /// process that is started anew knows nothing of what the one before it failed to sync.
    @Test(arguments: [false, true], 1...2 as ClosedRange<UInt64>)
    func aDatabaseIsWholeAfterAFailedSync(isStartedAnew: Bool, seed: UInt64) throws {
        var generator = SplitMix64(seed: seed)
        for cut in 0..<40 {
            let disk = SimulatedDisk(seed: seed << 8 + UInt64(cut))
            let (before, after) = (Answers(), Answers())
            let process = disk.process("daemon")
            var worker = Self.worker(on: process, before)
            for size in 1...20 { Self.store(size * 300, in: worker, before) }
            worker.run(
                InboxJob(.none) { store throws(SQLiteError) in
                    try store.emptyLog()
                    return {}
                } fail: { _ in
                    {}
                })
            // What needs no sync, and is much: the pages of the database depend on each other.
            for size in 1...20 { Self.store(size * 300 + 1, in: worker, Answers(), durability: .process) }
            disk.troubles.syncFailures = 0.7
            for size in 1...4 { Self.store(size * 300 + 2, in: worker, before) }
            disk.troubles.syncFailures = 0
            if isStartedAnew {
                process.crash()
                worker.closeStore()
                worker = Self.worker(on: disk.process("daemon"), before)
            }
            disk.failPower(after: cut)
            while !disk.isDown { Self.store(Int.random(in: 0..<9000, using: &generator), in: worker, before) }
            disk.powerCut(using: &generator)
            worker.closeStore()

            let next = Self.worker(on: disk.process("daemon"), after)
            Self.lookForMessages(in: next, after)
            next.closeStore()
            let acknowledged = before.acknowledged.withLock { $0 }
            #expect(acknowledged.count >= 20 && disk.counts.failures > 0)
            let lost = Set(acknowledged).subtracting(after.found.withLock { $0 } ?? [])
            #expect(lost.isEmpty, "seed \(seed), cut \(cut): \(after.news.withLock { $0 })")
            #expect(after.news.withLock { $0 }.filter(Self.isAlarm) == [], "seed \(seed), cut \(cut)")
            guard lost.isEmpty else { return }
        }
    }

    /// SQLite calls a file damaged whose bytes it cannot read now. It stays where it is, and is read when that can be done
    /// again.
    @Test(arguments: 1...20) func whatCannotBeReadIsNotTakenForDamaged(seed: UInt64) throws {
        let disk = SimulatedDisk(seed: seed)
        let (before, during, after) = (Answers(), Answers(), Answers())
        let first = Self.worker(on: disk.process("daemon"), before)
        for size in 1...20 { Self.store(size * 500, in: first, before) }
        first.closeStore()

        disk.troubles.readFailures = 0.05 * Double(seed)
        let second = Self.worker(on: disk.process("daemon"), during)
        for _ in 0..<20 { Self.lookForMessages(in: second, during) }
        second.closeStore()

        disk.troubles.readFailures = 0
        let third = Self.worker(on: disk.process("daemon"), after)
        Self.lookForMessages(in: third, after)
        third.closeStore()
        #expect(before.acknowledged.withLock { $0.count } == 20)
        #expect(after.found.withLock { $0 } == Set(before.acknowledged.withLock { $0 }))
        #expect((during.news.withLock { $0 } + after.news.withLock { $0 }) == [])
        #expect(!disk.paths.contains { $0.contains("damaged") })
    }
}
