import Foundation
import MPushConfiguration
import MPushModel
import MPushPlatform
import MPushTestSupport
import NIOCore
import Testing

@testable import MPushInbox

/// What the file needs no longer goes back to the disk.
@Suite(.timeLimit(.minutes(1))) struct ShrinkingTests {
    private static let megabyte = 1 << 20

    private func size(of file: URL) throws -> Int {
        try #require(try FileManager.default.attributesOfItem(atPath: file.path)[.size] as? Int)
    }

    /// Messages of 256 KiB that a route has had, and that are gone.
    private func fillAndEmpty(_ bench: InboxBench, count: Int) async throws {
        var settings = InboxSettings()
        settings.digestWindow = .zero
        settings.keepDelivered = .zero
        try await bench.open(settings)
        _ = try await bench.consumer(.route("r"))
        let content = String(repeating: "x", count: 256 << 10)
        for number in 0..<count { _ = try await bench.store(["\(number) \(content)"]) }
        #expect(try size(of: bench.file) > count * (256 << 10) - 4 * Self.megabyte)
        try await bench.record([.advanced(to: MessagePosition(rawValue: Int64(count)))], of: .route("r"))
        // What is too old is looked for once a minute.
        bench.clock.advance(by: .seconds(61))
        _ = try await bench.store(["last"])
        #expect(try await bench.messages().count == 1)
    }

    @Test func theFileOfAnInboxThatIsEmptyAgainShrinks() async throws {
        try await InboxBench.run { bench in
            try await fillAndEmpty(bench, count: 80)
            // It does so while there is nothing else to do.
            while try size(of: bench.file) >= 20 * Self.megabyte { await Task.yield() }
            try await bench.close()
            try await bench.open()
            #expect(try await bench.messages().count == 1)
        }
    }

    /// Step by step until what is kept for what comes next; one that is in use keeps its room.
    @Test func noMoreIsGivenBackThanIsSpare() throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "shrink-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let file = directory.appending(path: "inbox.db")
        let store = try open(file)
        defer { store.close() }
        try store.database.execute(Self.filled(megabytes: 24))
        #expect(try !store.shrink())
        try store.database.execute("DELETE FROM message WHERE position % 8 != 0")
        var steps = 0
        while try store.shrink() { steps += 1 }
        try store.emptyLog()
        // 3 MiB are in use, and at most 4 MiB more are spare.
        #expect((15...20).contains(steps))
        #expect((3...8).contains(try size(of: file) / Self.megabyte))
        #expect(try store.database.text("PRAGMA integrity_check") == "ok")
    }

    /// Made anew it would have a new list of free pages, and nobody would know that something is wrong with the disk.
    /// Also one of which so much is free that it is larger than what is read at each start.
    @Test(arguments: [(2, "= 1"), (40, "> 4")])
    func aDamagedDatabaseOfBeforeIsSetAsideAndNotMadeAnew(megabytes: Int, deleted: String) async throws {
        try await InboxBench.run { bench in
            try makeDatabaseOfBefore(
                bench.file, megabytes: megabytes, "DELETE FROM message WHERE position \(deleted)")
            var bytes = try Data(contentsOf: bench.file)
            // How many pages are free (sqlite.org/fileformat2.html, section 1.3.12).
            bytes[39] ^= 1
            try bytes.write(to: bench.file)
            try await bench.open()
            #expect(try await bench.status().setAside != nil)
            try await bench.close()
        }
    }

    /// A database of before cannot shrink: it is made anew where little of it is in use.
    @Test(arguments: [(used: 2, shrinks: true), (used: 20, shrinks: false)])
    func aDatabaseOfBeforeBecomesOneThatShrinks(used: Int, shrinks: Bool) throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "shrink-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let file = directory.appending(path: "inbox.db")
        try makeDatabaseOfBefore(file, megabytes: 24, "DELETE FROM message WHERE position > \(used * 4)")
        let store = try open(file)
        defer { store.close() }
        #expect(try store.database.number("PRAGMA auto_vacuum") == (shrinks ? 2 : 0))
        #expect(try size(of: file) / Self.megabyte == (shrinks ? used : 24))
        #expect(try store.database.number("SELECT count(*) FROM message") == Int64(used * 4))
        #expect(try !store.shrink())
    }

    /// One that cannot shrink, with messages and what `change` makes of them.
    private func makeDatabaseOfBefore(_ file: URL, megabytes: Int, _ change: String) throws {
        let database = try Database(path: file.path, in: MachineFiles())
        defer { database.close() }
        try database.execute("PRAGMA journal_mode = WAL")
        try Schema.migrate(database, from: 0, to: Schema.current)
        try database.execute(Self.filled(megabytes: megabytes))
        try database.execute(change)
        try database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    }

    private func open(_ file: URL) throws -> InboxStore {
        let reading = ClockReading(SettableClock(wall: .now, bootID: "first", isWallSynchronised: true))
        let store = try InboxStore(path: file.path, in: MachineFiles(), at: reading) { _, _ in }
        try store.becomeShrinkable()
        return store
    }

    /// Messages of 256 KiB less what SQLite needs for each.
    private static func filled(megabytes: Int) -> String {
        """
        WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < \(megabytes * 4))
        INSERT INTO message(position, identity, user, received, awaits, size, content)
            SELECT i, 'home', 'alice', 0, 0, 0, zeroblob(\((256 << 10) - 1024)) FROM n
        """
    }
}
