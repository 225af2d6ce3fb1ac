import CSQLite
import Foundation
import Glibc
import MPushConfiguration
import MPushModel
import MPushPlatform
import MPushTestSupport
import NIOCore
import Testing

@testable import MPushInbox

/// Files that are not what SQLite wrote, and disks that do not take what is written.
@Suite struct DamageTests {
    /// Stores enough for some pages, and closes.
    private func fill(_ bench: InboxBench) async throws {
        try await bench.open()
        _ = try await bench.store((0..<200).map { "message \($0) " + String(repeating: "x", count: 300) })
        try await bench.close()
    }

    @Test(arguments: [0, 50, 4096, 8192, 20_000, 60_000])
    func aScribbledOverDatabaseIsSetAsideWhole(offset: Int) async throws {
        try await InboxBench.run { bench in
            try await fill(bench)
            let file = try FileHandle(forUpdating: bench.file)
            try file.seek(toOffset: UInt64(offset))
            try file.write(contentsOf: Data(repeating: 0xA5, count: 3000))
            try file.close()
            let damaged = try Data(contentsOf: bench.file)
            try await bench.open()
            try await expectNewDatabase(bench, aside: damaged)
        }
    }

    @Test(arguments: [10, 4096, 10_000, 40_000])
    func aTruncatedDatabaseIsSetAsideWhole(length: Int) async throws {
        try await InboxBench.run { bench in
            try await fill(bench)
            #expect(truncate(bench.file.path, length) == 0)
            let damaged = try Data(contentsOf: bench.file)
            try await bench.open()
            try await expectNewDatabase(bench, aside: damaged)
        }
    }

    /// The power went in the first start, when there was a name and nothing behind it. What was an inbox has a reserve.
    @Test(arguments: [false, true]) func anEmptyFileIsDamageWhereItWasAnInbox(wasOne: Bool) async throws {
        try await InboxBench.run { bench in
            if wasOne { try await fill(bench) }
            try Data().write(to: bench.file)
            try await bench.open()
            #expect(bench.news.isEmpty != wasOne)
            #expect(try await bench.store(["first"])[0].message?.position.rawValue == 1)
        }
    }

    private func expectNewDatabase(_ bench: InboxBench, aside: Data) async throws {
        #expect(try await bench.store(["new"])[0].message?.position.rawValue == 1)
        let places = bench.news.compactMap { news -> String? in
            if case .begunAnew(let place, _) = news { place } else { nil }
        }
        let place = try #require(places.first)
        #expect(try Data(contentsOf: URL(fileURLWithPath: place)) == aside)
        #expect(try await bench.status().setAside == place)
    }

    @Test func damageUnderOurFeetEndsInANewDatabase() async throws {
        try await InboxBench.run { bench in
            try await fill(bench)
            try await bench.open()
            // What is on the disk is changed while it is open; SQLite's small cache does not hold it all.
            let file = try FileHandle(forUpdating: bench.file)
            try file.write(contentsOf: Data(repeating: 0xA5, count: try Data(contentsOf: bench.file).count))
            try file.close()
            var outcomes: [StoreOutcome] = []
            for number in 0..<50 { outcomes += try await bench.store(["after \(number)"]) }
            // Nothing is said to be stored that is not.
            try await bench.close()
            try await bench.open()
            let there = Set(try await bench.messages(MessageQuery(limit: 1000)).map { String(buffer: $0.content) })
            if bench.news.contains(where: { if case .begunAnew = $0 { true } else { false } }) {
                #expect(there.isSubset(of: Set((0..<50).map { "after \($0)" })))
            }
            #expect(outcomes.count == 50)
        }
    }

    @Test func aRemovedDatabaseIsNoticed() async throws {
        try await InboxBench.run { bench in
            try await fill(bench)
            try await bench.open()
            for suffix in ["", "-wal"] { try FileManager.default.removeItem(atPath: bench.file.path + suffix) }
            #expect(try await bench.store(["x"])[0].message?.position.rawValue == 1)
            #expect(FileManager.default.fileExists(atPath: bench.file.path))
            // Nothing was there to be set aside.
            #expect(bench.news == [.begunAnew(setAside: nil, detail: "\(bench.file.path) was removed")])
            #expect(try await bench.status().setAside == nil)
        }
    }

    /// The files as a power cut leaves them: the newest messages stand in the log alone.
    private func cutOff(_ bench: InboxBench, transactions: Int = 1) async throws -> InboxBench {
        try await bench.open()
        for _ in 0..<transactions { _ = try await bench.store((0..<20).map { "message \($0)" }) }
        return try killed(bench)
    }

    /// The files as a process leaves them that is killed.
    private func killed(_ bench: InboxBench) throws -> InboxBench {
        let copy = bench.directory.appending(path: "copy")
        try FileManager.default.createDirectory(at: copy, withIntermediateDirectories: true)
        for name in ["inbox.db", "inbox.db-wal", "inbox.reserve"] {
            try FileManager.default.copyItem(
                at: bench.directory.appending(path: name), to: copy.appending(path: name))
        }
        return try InboxBench(at: copy)
    }

    /// SQLite takes it for a new one, and drops the log.
    @Test(arguments: [true, false], [true, false])
    func anEmptyOrMissingDatabaseIsSetAsideWithItsLog(isThere: Bool, hasLog: Bool) async throws {
        guard isThere || hasLog else { return }
        try await InboxBench.run { whole in
            let bench = try await cutOff(whole)
            let log = URL(filePath: bench.file.path + "-wal")
            let lost = try Data(contentsOf: log)
            try isThere ? Data().write(to: bench.file) : FileManager.default.removeItem(at: bench.file)
            if !hasLog { try FileManager.default.removeItem(at: log) }
            try await bench.open()
            let place = try #require(try await bench.status().setAside)
            #expect(bench.news.count == 1)
            #expect(FileManager.default.fileExists(atPath: place))
            if hasLog { #expect(try Data(contentsOf: URL(filePath: isThere ? place + "-wal" : place)) == lost) }
            #expect(try await bench.store(["new"])[0].message?.position.rawValue == 1)
            try await bench.close()
        }
    }

    /// A log that does not begin as one: SQLite drops it without a word.
    @Test(arguments: [0..<32, 0..<4, 4..<5, 24..<25])
    func aLogThatSQLiteWouldDropIsSetAside(nulled: Range<Int>) async throws {
        try await InboxBench.run { whole in
            let bench = try await cutOff(whole)
            let log = URL(filePath: bench.file.path + "-wal")
            var bytes = try Data(contentsOf: log)
            for index in nulled { bytes[index] ^= nulled.count == 1 ? 0x40 : bytes[index] }
            try bytes.write(to: log)
            try await bench.open()
            let place = try #require(try await bench.status().setAside)
            #expect(bench.news.first == .logLost(setAside: place))
            #expect(try Data(contentsOf: URL(filePath: place)) == bytes)
            // Whoever has had one of those that are missing must not take another for it.
            let next = try #require(try await bench.store(["new"])[0].message)
            #expect(next.position.rawValue > 20)
            try await bench.close()
        }
    }

    /// A bit that flips in a log has SQLite drop all that follows, without a word.
    @Test(arguments: [40, 3000, 9000])
    func whatSQLiteDropsOfALogIsSaid(flipped: Int) async throws {
        try await InboxBench.run { whole in
            let bench = try await cutOff(whole, transactions: 6)
            let log = URL(filePath: bench.file.path + "-wal")
            var bytes = try Data(contentsOf: log)
            bytes[bytes.startIndex + flipped] ^= 0x40
            try bytes.write(to: log)
            try await bench.open()
            guard case .logCut(let transactions) = bench.news.first, bench.news.count == 1 else {
                Issue.record("\(bench.news)")
                return
            }
            #expect((5...10).contains(transactions))
            // Whoever has had one of those that are missing must not take another for it; and it is done once.
            let next = try #require(try await bench.store(["new"])[0].message)
            #expect(next.position.rawValue > 120)
            try await bench.close()
            try await bench.open()
            #expect(bench.news.count == 1)
            #expect(try await bench.store(["newer"])[0].message?.position.rawValue == next.position.rawValue + 1)
            try await bench.close()
        }
    }

    /// It would stand in the log still, behind what is stored from then on.
    @Test func whatWasDroppedIsSaidOnceThoughTheProcessIsKilledThen() async throws {
        try await InboxBench.run { whole in
            let cut = try await cutOff(whole, transactions: 20)
            let log = URL(filePath: cut.file.path + "-wal")
            var bytes = try Data(contentsOf: log)
            bytes[bytes.startIndex + 9000] ^= 0x40
            try bytes.write(to: log)
            try await cut.open()
            #expect(cut.news.count == 1)
            let next = try #require(try await cut.store(["new"])[0].message)
            let bench = try killed(cut)
            try await bench.open()
            #expect(bench.news == [])
            #expect(try await bench.store(["newer"])[0].message?.position.rawValue == next.position.rawValue + 1)
            try await bench.close()
            try await cut.close()
        }
    }

    /// What had not ended was not acknowledged.
    @Test func aTransactionThatHadNotEndedIsNoLoss() async throws {
        try await InboxBench.run { whole in
            let bench = try await cutOff(whole)
            let log = URL(filePath: bench.file.path + "-wal")
            let bytes = try Data(contentsOf: log)
            try bytes.dropLast(100).write(to: log)
            try await bench.open()
            #expect(bench.news == [])
            try await bench.close()
        }
    }

    /// That positions may have been given is not forgotten where the database cannot be opened then, nor over a restart.
    @Test(arguments: [true, false])
    func aLostLogIsKnownUntilItsPositionsAreSkipped(restarts: Bool) async throws {
        try await InboxBench.run { whole in
            let bench = try await cutOff(whole)
            let log = URL(filePath: bench.file.path + "-wal")
            var bytes = try Data(contentsOf: log)
            bytes[4] ^= 0x40
            try bytes.write(to: log)
            // SQLite finds no file there.
            let obstacle = bench.file.path + "-journal"
            try FileManager.default.createDirectory(atPath: obstacle, withIntermediateDirectories: true)
            try await bench.open()
            #expect(try await bench.status().failure != nil)
            #expect(try await bench.store(["new"])[0].message == nil)
            if restarts { try await bench.close() }
            try FileManager.default.removeItem(atPath: obstacle)
            if restarts { try await bench.open() }
            let next = try #require(try await bench.store(["new"])[0].message)
            #expect(next.position.rawValue > 20)
            let place = try #require(try await bench.status().setAside)
            #expect(bench.news.count { $0 == .logLost(setAside: place) } == 1)
            #expect(try Data(contentsOf: URL(filePath: place)) == bytes)
            // It is done once.
            try await bench.close()
            try await bench.open()
            #expect(try await bench.store(["newer"])[0].message?.position.rawValue == next.position.rawValue + 1)
            try await bench.close()
        }
    }

    /// Half of it would be a database that is taken for a damaged one; and so would a number beyond the last.
    @Test func positionsAreSkippedInOneTransaction() async throws {
        try await InboxBench.run { bench in
            try await fill(bench)
            var store = try InboxStore(path: bench.file.path, in: MachineFiles(), at: ClockReading(bench.clock)) {
                _, _ in
            }
            var commits = 0
            try withUnsafeMutablePointer(to: &commits) { commits in
                sqlite3_commit_hook(
                    store.database.handle.pointer,
                    { commits in
                        commits?.assumingMemoryBound(to: Int.self).pointee += 1
                        return 0
                    }, commits)
                defer { sqlite3_commit_hook(store.database.handle.pointer, nil, nil) }
                try store.skipPositions(ofLog: 16_000)
            }
            #expect(commits == 1)
            #expect(store.tally.status.last.rawValue == 1200)
            for _ in 0..<3 { try store.skipPositions(ofLog: .max) }
            store.close()
            store = try InboxStore(path: bench.file.path, in: MachineFiles(), at: ClockReading(bench.clock)) { _, _ in }
            #expect(store.tally.status.last == .highest)
            store.close()
        }
    }

    /// The newest is kept whatever the clock says: it is what the news is about.
    @Test func whatWasSetAsideLastIsKept() async throws {
        try await InboxBench.run { bench in
            try await fill(bench)
            for day in 0..<6 {
                bench.clock.setWall(WallTime(millisecondsSince1970: Int64(6 - day) * 86_400_000))
                try Data().write(to: bench.file)
                try await bench.open()
                let place = try #require(try await bench.status().setAside)
                #expect(FileManager.default.fileExists(atPath: place))
                try await bench.close()
            }
            let names = try FileManager.default.contentsOfDirectory(atPath: bench.directory.path)
            #expect(names.count { $0.hasPrefix("inbox.db.damaged-") } == 4)
        }
    }

    /// What cannot be moved away stays, and is said to be damaged: an empty database in its place would be the end of it. It
    /// goes on by itself once it can be moved.
    @Test(arguments: [true, false])
    func aDamagedDatabaseThatCannotBeMovedStays(isEmpty: Bool) async throws {
        try await InboxBench.run { whole in
            let bench = try await cutOff(whole)
            let log = URL(filePath: bench.file.path + "-wal")
            let lost = try Data(contentsOf: log)
            let damaged = isEmpty ? Data() : Data(repeating: 0xA5, count: 9000)
            try damaged.write(to: bench.file)
            // Its log would mend the one that is not empty.
            if !isEmpty { try FileManager.default.removeItem(at: log) }
            // No name is left, and nothing is written over.
            let stamp = bench.clock.wall.rfc3339.filter { $0 != "-" && $0 != ":" }
            let taken = (0..<100).map { number in
                URL(filePath: "\(bench.file.path).damaged-\(stamp)\(number == 0 ? "" : ".\(number)")")
            }
            for place in taken { try Data("kept".utf8).write(to: place) }
            try await bench.open()
            for _ in 0..<3 {
                guard case .failed(let failure) = try await bench.store(["new"])[0] else {
                    Issue.record("stored in a new database, with the damaged one under it")
                    break
                }
                #expect(failure.kind == .damaged && failure.detail.contains("cannot be moved away"))
            }
            let failure = try #require(try await bench.status().failure)
            #expect(bench.news == [.failing(failure)])
            #expect(failure.detail.components(separatedBy: "cannot be moved").count == 2)
            #expect(try Data(contentsOf: bench.file) == damaged)
            if isEmpty { #expect(try Data(contentsOf: log) == lost) }
            for place in taken { #expect(try Data(contentsOf: place) == Data("kept".utf8)) }
            for place in taken { try FileManager.default.removeItem(at: place) }
            bench.clock.advance(by: .seconds(31))
            #expect(try await bench.store(["new"])[0].message != nil)
            let place = try #require(try await bench.status().setAside)
            #expect(try Data(contentsOf: URL(filePath: place)) == damaged)
            if isEmpty { #expect(try Data(contentsOf: URL(filePath: place + "-wal")) == lost) }
            try await bench.close()
        }
    }

    /// Half of it would be a database without its log, which holds what was stored last.
    @Test(.enabled(if: SmallDisk.isPossible)) func whatCannotBeMovedWholeIsNotMoved() async throws {
        try await InboxBench.run { whole in
            let bench = try await cutOff(whole)
            // A file that something is mounted on cannot be moved.
            let log = bench.file.path + "-wal"
            try #require(mount(log, log, nil, UInt(MS_BIND), nil) == 0)
            defer { umount2(log, CInt(MNT_DETACH)) }
            let files = InboxFiles(in: bench.directory.path, MachineFiles())
            let before = try Data(contentsOf: bench.file)
            #expect(throws: OSError(EBUSY, "rename")) { try files.setAside(at: "now") }
            #expect(try Data(contentsOf: bench.file) == before)
            #expect(
                try FileManager.default.contentsOfDirectory(atPath: bench.directory.path).sorted() == [
                    "inbox.db", "inbox.db-wal", "inbox.reserve",
                ])
        }
    }

    /// An ordinary end, and an ordinary power cut, are neither.
    @Test func filesThatAreSoundAreOpenedAsTheyAre() async throws {
        try await InboxBench.run { whole in
            let bench = try await cutOff(whole)
            for _ in 0..<3 {
                try await bench.open()
                #expect(try await bench.messages().count == 20)
                try await bench.close()
            }
            #expect(bench.news.isEmpty)
        }
    }

    @Test func aLaterVersionIsLeftAlone() async throws {
        try await InboxBench.run { bench in
            try await fill(bench)
            let database = try Database(path: bench.file.path, in: MachineFiles())
            try database.execute("PRAGMA user_version = 99")
            database.close()
            try await bench.open()
            guard case .failed(let failure) = try await bench.store(["x"])[0] else {
                Issue.record("stored")
                return
            }
            #expect(failure.detail.contains("later mpushd"))
            #expect(FileManager.default.fileExists(atPath: bench.file.path))
        }
    }

    @Test func aDirectoryThatIsNotThereIsAFailureAndMendsItself() async throws {
        try await InboxBench.run { bench in
            let place = bench.directory.appending(path: "later")
            let inner = try InboxBench(at: place.appending(path: "inner"))
            try FileManager.default.removeItem(at: place)
            try await inner.open()
            guard case .failed = try await inner.store(["x"])[0] else {
                Issue.record("stored nowhere")
                return
            }
            #expect(try await inner.status().failure != nil)
            try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
            #expect(try await inner.store(["x"])[0].message != nil)
            #expect(inner.news.map(\.isRecovery) == [false, true])
            try await inner.close()
        }
    }
}

extension InboxNews {
    fileprivate var isRecovery: Bool { self == .recovered }
}
