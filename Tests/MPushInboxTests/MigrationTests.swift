import Foundation
import MPushConfiguration
import MPushModel
import Testing

@testable import MPushInbox

/// Inboxes of earlier versions go on as they were.
@Suite struct MigrationTests {
    /// What 0.1.0 makes, with a message that waits, one that was tried and one dead letter; from the year 2026.
    private static let version1 = """
        CREATE TABLE inbox(id INTEGER PRIMARY KEY CHECK (id = 1), name TEXT NOT NULL);
        INSERT INTO inbox VALUES (1, 'cafe');
        CREATE TABLE message(
            position INTEGER PRIMARY KEY AUTOINCREMENT, key BLOB, identity TEXT NOT NULL, user TEXT NOT NULL,
            received INTEGER NOT NULL, id TEXT, type INTEGER, awaits INTEGER NOT NULL, size INTEGER NOT NULL,
            content BLOB NOT NULL);
        CREATE INDEX message_key ON message(key) WHERE key IS NOT NULL;
        CREATE TABLE consumer(
            number INTEGER PRIMARY KEY, kind INTEGER NOT NULL, name TEXT NOT NULL, cursor INTEGER NOT NULL,
            active INTEGER NOT NULL, UNIQUE(kind, name));
        CREATE TABLE delivery(
            consumer INTEGER NOT NULL, position INTEGER NOT NULL, state INTEGER NOT NULL, attempts INTEGER NOT NULL,
            at INTEGER NOT NULL, reason TEXT, PRIMARY KEY(consumer, position)) WITHOUT ROWID;
        CREATE INDEX delivery_position ON delivery(position);
        CREATE TABLE ticket(
            identity TEXT PRIMARY KEY, server TEXT NOT NULL, device TEXT NOT NULL, session BLOB NOT NULL,
            key BLOB NOT NULL, iv BLOB NOT NULL, expires INTEGER) WITHOUT ROWID;
        PRAGMA user_version = 1;
        INSERT INTO message VALUES (1, NULL, 'home', 'alice', 1795600000000, 'a', NULL, 0, 1, 'x');
        INSERT INTO message VALUES (2, NULL, 'home', 'alice', 1795600001000, 'b', NULL, 0, 1, 'y');
        INSERT INTO message VALUES (3, NULL, 'home', 'alice', 1795600002000, 'c', NULL, 0, 1, 'z');
        INSERT INTO consumer VALUES (1, 0, 'r', 0, 1);
        INSERT INTO delivery VALUES (1, 2, 2, 5, 1795600300000, NULL);
        INSERT INTO delivery VALUES (1, 3, 3, 9, 1795600400000, 'no');
        """

    /// A clock that is right, and those that are not.
    @Test(arguments: [0, 40, 400, -400, -365 * 50])
    func theInboxOfAnEarlierVersionGoesOn(days: Int) async throws {
        try await InboxBench.run { bench in
            let database = try Database(path: bench.file.path)
            try database.execute(Self.version1)
            database.close()
            bench.clock.wall = WallTime(millisecondsSince1970: 1_795_600_003_000 + Int64(days) * 86_400_000)
            try await bench.open()
            #expect(bench.news.contains(.migrating(from: 1, to: 2)))
            bench.clock.pass(.seconds(61))
            #expect(try await bench.store(["new"])[0].message?.position.rawValue == 4)
            #expect(try await bench.messages().map(\.id) == ["a", "b", "c", "cafe-4"])
            let state = try await bench.consumer(.route("r"))
            #expect(state.attempted == [.init(position: MessagePosition(rawValue: 2), attempts: 5, wait: .zero)])
            #expect(state.deadLetters == 1)
            let letters = try await bench.ask { inbox, done in
                inbox.deadLetters(DeadLetterQuery()) { done($0) }
            }.get().deadLetters
            #expect(letters.map(\.buried) == [WallTime(millisecondsSince1970: 1_795_600_400_000)])
            // They age from now on, as all else does.
            bench.clock.pass(.seconds(29 * 86_400))
            _ = try await bench.store(["look"])
            #expect(try await bench.status().dropped == 0)
            bench.clock.pass(.seconds(2 * 86_400))
            _ = try await bench.store(["look"])
            #expect(try await bench.messages().map(\.id) == ["cafe-5", "cafe-6"])
        }
    }
}
