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
        let place = try #require(
            bench.news.compactMap { if case .begunAnew(let place, _) = $0 { place } else { nil } }.first)
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
            try FileManager.default.removeItem(at: bench.file)
            #expect(try await bench.store(["x"])[0].message?.position.rawValue == 1)
            #expect(FileManager.default.fileExists(atPath: bench.file.path))
            #expect(bench.news.contains { if case .begunAnew = $0 { true } else { false } })
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
