import CSQLite
import Foundation
import MPushModel
import MPushPlatform
import MPushTestSupport
import Testing

@testable import MPushInbox

/// What takes longest takes no more memory in a large inbox than in a small one: a service with a bound of its memory would
/// be killed at each start.
@Suite struct InboxMemoryTests {
    private static let messages = 300_000
    /// SQLite's caches, the lot of them.
    private static let bound: Int64 = 6 << 20

    /// How much more memory SQLite has had at a time during `body`, at the least of some times: others use it, too.
    private func peak(_ body: () throws -> Void) throws -> Int64 {
        var least = Int64.max
        for _ in 0..<3 where least > Self.bound {
            let before = sqlite3_memory_used()
            _ = sqlite3_memory_highwater(1)
            try body()
            least = min(least, sqlite3_memory_highwater(0) - before)
        }
        return least
    }

    /// Runs `body` with the path of an inbox of `version` in which all messages are dead letters.
    private func withInbox(version: Int, _ body: (String, ClockReading) throws -> Void) throws {
        let directory = try TemporaryDirectory()
        let path = directory.path("inbox.db")
        let database = try Database(path: path, in: MachineFiles())
        try database.execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF")
        try Schema.migrate(database, from: 0, to: version)
        try database.execute(
            """
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < \(Self.messages))
            INSERT INTO message(identity, user, received, id, awaits, size, content, came)
            SELECT 'home', 'alice', 0, 'm' || i, 0, 100, zeroblob(100), i FROM n;
            INSERT INTO consumer(number, kind, name, cursor, active) VALUES (1, 0, 'r', 0, 1);
            INSERT INTO delivery SELECT 1, position, 3, 9, 0, 'no' FROM message;
            INSERT OR REPLACE INTO clock VALUES (1, \(Self.messages), 'b', 1000000, 0, 0, NULL, NULL)
            """)
        database.close()
        let reading = ClockReading(
            wall: WallTime(millisecondsSince1970: 1_795_600_000_000), boot: Instant(sinceBoot: .seconds(1000)),
            bootID: "b")
        try withExtendedLifetime(directory) { try body(path, reading) }
    }

    @Test func aMigrationTakesNoMemory() throws {
        try withInbox(version: 2) { path, reading in
            var times = 0
            let most = try peak {
                // It is migrated once.
                times += 1
                let copy = "\(path).\(times)"
                try FileManager.default.copyItem(atPath: path, toPath: copy)
                var isMigrated = false
                let store = try InboxStore(path: copy, in: MachineFiles(), at: reading) { _, _ in isMigrated = true }
                store.close()
                #expect(isMigrated)
            }
            #expect(most < Self.bound, "\(most) bytes")
        }
    }

    @Test func anOpeningTakesNoMemory() throws {
        try withInbox(version: Schema.current) { path, reading in
            let most = try peak {
                let store = try InboxStore(path: path, in: MachineFiles(), at: reading) { _, _ in }
                let route = try #require(store.tally.consumers[.route("r")])
                #expect(route.consumer.deadLetters == Self.messages)
                store.close()
            }
            #expect(most < Self.bound, "\(most) bytes")
        }
    }

    @Test func theRemovalOfAConsumerTakesNoMemory() throws {
        try withInbox(version: Schema.current) { path, reading in
            let store = try InboxStore(path: path, in: MachineFiles(), at: reading) { _, _ in }
            let before = store.tally
            let most = try peak {
                try store.database.execute("BEGIN IMMEDIATE")
                #expect(try store.remove(.route("r")))
                #expect(store.tally.consumers.isEmpty)
                // What the messages count, and nothing for their records.
                #expect(
                    store.tally.status.bytes
                        == Int(try store.database.number("SELECT sum(\(InboxTally.sqlBytes)) FROM message") ?? 0))
                #expect(try store.database.number("SELECT count(*) FROM delivery") == 0)
                try store.database.execute("ROLLBACK")
                store.tally = before
            }
            store.close()
            #expect(most < Self.bound, "\(most) bytes")
        }
    }

    /// The clock of the machine was wrong while all of them came.
    @Test func theMendingOfAllDatesTakesNoMemory() throws {
        try withInbox(version: Schema.current) { path, reading in
            let most = try peak {
                let store = try InboxStore(path: path, in: MachineFiles(), at: reading) { _, _ in }
                try store.database.execute("BEGIN IMMEDIATE")
                try store.keepTime(reading, isSynchronised: true)
                #expect(
                    try store.messages(MessageQuery(limit: 1)).messages.map(\.received)
                        == [reading.wall.advanced(by: .milliseconds(1 - Self.messages))])
                try store.database.execute("ROLLBACK")
                store.close()
            }
            #expect(most < Self.bound, "\(most) bytes")
        }
    }
}
