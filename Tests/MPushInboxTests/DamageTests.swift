import Foundation
import Glibc
import MPushConfiguration
import MPushModel
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
    private func cutOff(_ bench: InboxBench) async throws -> InboxBench {
        try await bench.open()
        _ = try await bench.store((0..<20).map { "message \($0)" })
        let copy = bench.directory.appending(path: "copy")
        try FileManager.default.createDirectory(at: copy, withIntermediateDirectories: true)
        for name in ["inbox.db", "inbox.db-wal"] {
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
            let database = try Database(path: bench.file.path)
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
