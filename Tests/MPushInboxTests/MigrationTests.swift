import Foundation
import MPushConfiguration
import MPushModel
import MPushPlatform
import MPushTestSupport
import Testing

@testable import MPushInbox

/// Inboxes of earlier versions go on as they were.
@Suite struct MigrationTests {
    /// What 0.1.0 makes, with a message that waits, one that was tried and one dead letter; from the year 2026.
    private static let version1 = """
        PRAGMA journal_mode = WAL;
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

    /// The power went in the first start: there was nothing to be brought from one version to another.
    @Test func aStartThatWasCutShortIsGoneOnWith() async throws {
        try await InboxBench.run { bench in
            let database = try Database(path: bench.file.path, in: MachineFiles())
            try database.execute("PRAGMA journal_mode = WAL")
            try Schema.migrate(database, from: 0, to: 1)
            database.close()
            try await bench.open()
            #expect(bench.news.isEmpty)
            #expect(try await bench.store(["first"])[0].message?.position.rawValue == 1)
        }
    }

    /// A clock that is right, and those that are not.
    @Test(arguments: [0, 40, 400, -400, -365 * 50])
    func theInboxOfAnEarlierVersionGoesOn(days: Int) async throws {
        try await InboxBench.run { bench in
            let database = try Database(path: bench.file.path, in: MachineFiles())
            try database.execute(Self.version1)
            database.close()
            bench.clock.setWall(WallTime(millisecondsSince1970: 1_795_600_003_000 + Int64(days) * 86_400_000))
            try await bench.open()
            #expect(bench.news.contains(.migrating(from: 1, to: 6)))
            bench.clock.advance(by: .seconds(61))
            #expect(try await bench.store(["new"])[0].message?.position.rawValue == 4)
            #expect(try await bench.messages().map(\.id) == ["a", "b", "c", "cafe-4"])
            let state = try await bench.consumer(.route("r"))
            #expect(state.attempted == [.init(position: MessagePosition(rawValue: 2), attempts: 5, wait: .zero)])
            #expect(try await bench.deadLetters(of: .route("r")) == 1)
            let letters = try await bench.ask { inbox, done in
                inbox.deadLetters(DeadLetterQuery()) { done($0) }
            }.get().deadLetters
            #expect(letters.map(\.buried) == [WallTime(millisecondsSince1970: 1_795_600_400_000)])
            // They age from now on, as all else does.
            bench.clock.advance(by: .seconds(29 * 86_400))
            _ = try await bench.store(["look"])
            #expect(try await bench.status().dropped == 0)
            bench.clock.advance(by: .seconds(2 * 86_400))
            _ = try await bench.store(["look"])
            #expect(try await bench.messages().map(\.id) == ["cafe-5", "cafe-6"])
        }
    }

    /// What 0.1.1 makes, with what only it did: a reason without a bound, and a dead letter whose message is gone.
    private static let version2 = """
        ALTER TABLE message ADD COLUMN came INTEGER;
        CREATE TABLE clock(
            id INTEGER PRIMARY KEY CHECK (id = 1), now INTEGER NOT NULL, boot TEXT, uptime INTEGER NOT NULL,
            began INTEGER NOT NULL, began_after INTEGER NOT NULL, agreed_wall INTEGER, agreed_now INTEGER);
        INSERT INTO clock VALUES (1, 5000, NULL, 0, 0, 0, NULL, NULL);
        CREATE TABLE trial(id INTEGER PRIMARY KEY, filler BLOB NOT NULL);
        PRAGMA application_id = 1297109832;
        PRAGMA user_version = 2;
        UPDATE message SET came = position, key = x'0011' WHERE position = 1;
        UPDATE delivery SET at = 0 WHERE state IN (2, 4);
        UPDATE delivery SET reason = replace(hex(zeroblob(35000)), '0', 'é') WHERE state = 3;
        INSERT INTO delivery VALUES (1, 9, 3, 1, 1795600400000, 'orphan');
        UPDATE sqlite_sequence SET seq = 9;
        """

    private func makeVersion2(at path: String) throws {
        let database = try Database(path: path, in: MachineFiles())
        try database.execute(Self.version1)
        try database.execute(Self.version2)
        database.close()
    }

    @Test func aVersion2InboxGoesOn() async throws {
        try await InboxBench.run { bench in
            try makeVersion2(at: bench.file.path)
            try await bench.open()
            #expect(bench.news == [.migrating(from: 2, to: 6)])
            #expect(try await bench.messages().map(\.id) == ["a", "b", "c"])
            #expect(try await bench.messages(MessageQuery(id: "b")).map(\.position.rawValue) == [2])
            // A message with an id is the same one as before.
            #expect(
                try await bench.store([#"{"msgId":"a"}"#])
                    == [.duplicate(of: MessagePosition(rawValue: 1), isConsumed: false)])
            #expect(try await bench.store(["new"])[0].message?.position.rawValue == 10)
            #expect(try await bench.deadLetters(of: .route("r")) == 1)
            let letters = try await bench.ask { inbox, done in inbox.deadLetters(DeadLetterQuery()) { done($0) } }.get()
            #expect(letters.deadLetters.map(\.message.position.rawValue) == [3])
            let reason = try #require(letters.deadLetters.first?.reason)
            #expect(reason.hasPrefix("éé") && reason.hasSuffix("…") && reason.utf8.count <= AttemptResult.longestReason)
            try await bench.close()
            try await bench.open()
            #expect(bench.news.count == 1)
        }
    }

    /// A disk without room: nothing is lost, it is said what happens, once; and it goes on by itself when there is room.
    @Test(.enabled(if: SmallDisk.isPossible), arguments: [1, 2])
    func aFullDiskPutsAMigrationOff(version: Int) async throws {
        let place = FileManager.default.temporaryDirectory.appending(path: "full-\(UUID().uuidString)").path
        let disk = try #require(SmallDisk(at: place, bytes: 4 << 20))
        defer { disk.remove() }
        let bench = try InboxBench(at: URL(filePath: place + "/state"))
        if version == 2 {
            try makeVersion2(at: bench.file.path)
        } else {
            let database = try Database(path: bench.file.path, in: MachineFiles())
            try database.execute(Self.version1)
            database.close()
        }
        let before = try Data(contentsOf: bench.file)
        try disk.fill()
        try await bench.open()
        for _ in 0..<3 {
            guard case .failed(let failure) = try await bench.store(["new"])[0] else {
                Issue.record("stored on a full disk")
                break
            }
            #expect(failure.kind == .diskFull)
        }
        #expect(bench.news.filter { $0 == .migrating(from: version, to: 6) }.count == 1)
        #expect(bench.news.filter { if case .failing = $0 { true } else { false } }.count == 1)
        try await bench.close()
        #expect(try Data(contentsOf: bench.file) == before)
        disk.makeRoom()
        try await bench.open()
        #expect(try await bench.messages().map(\.id) == ["a", "b", "c"])
        #expect(try await bench.store(["new"])[0].message != nil)
        try await bench.close()
    }

    /// A version 2 inbox with `count` messages of a route that has had all but the last ten, in `bytes` each.
    private func makeVersion2(at path: String, messages count: Int, bytes: Int) throws {
        try makeVersion2(at: path)
        let database = try Database(path: path, in: MachineFiles())
        try database.execute(
            """
            DELETE FROM delivery;
            DELETE FROM message;
            WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < \(count))
            INSERT INTO message(identity, user, received, id, awaits, size, content, came)
            SELECT 'home', 'alice', 1795600000000, 'message ' || i, 0, \(bytes), zeroblob(\(bytes)), i FROM n;
            UPDATE consumer SET cursor = \(9 + count - 10)
            """)
        database.close()
    }

    /// What everybody has had is kept for show, and gives way where the disk has no room for an index of it.
    @Test(.enabled(if: SmallDisk.isPossible)) func whatIsKeptForShowMakesRoomForAMigration() async throws {
        let place = FileManager.default.temporaryDirectory.appending(path: "full-\(UUID().uuidString)").path
        let disk = try #require(SmallDisk(at: place, bytes: 12 << 20))
        defer { disk.remove() }
        let bench = try InboxBench(at: URL(filePath: place + "/state"))
        try makeVersion2(at: bench.file.path, messages: 50_000, bytes: 50)
        let reserve = DiskReserve(in: bench.directory.path, MachineFiles())
        #expect(reserve.make(1 << 20))
        try disk.fill()
        try await bench.open()
        #expect(try await bench.status().failure == nil)
        let waiting = try await bench.messages(MessageQuery(limit: 1000))
        #expect(waiting.map(\.id) == (49_991...50_000).map { "message \($0)" })
        let status = try await bench.status()
        #expect(status.messages == 10 && status.dropped == 0)
        #expect(status.bytes == waiting.reduce(0) { $0 + 50 + $1.id.utf8.count + "homealice".utf8.count })
        try await bench.close()
    }

    /// A migration takes long: one that failed is not tried again for each batch of messages, but after a while.
    @Test(.enabled(if: SmallDisk.isPossible)) func aMigrationThatFailedIsNotTriedForEachBatch() async throws {
        let place = FileManager.default.temporaryDirectory.appending(path: "full-\(UUID().uuidString)").path
        let disk = try #require(SmallDisk(at: place, bytes: 12 << 20))
        defer { disk.remove() }
        let bench = try InboxBench(at: URL(filePath: place + "/state"))
        try makeVersion2(at: bench.file.path)
        try disk.fill()
        try await bench.open()
        // There is room, but it has just been tried.
        disk.makeRoom()
        bench.clock.advance(by: .seconds(29))
        #expect(try await bench.store(["new"])[0].message == nil)
        _ = try await bench.ask { (inbox, done: @escaping (Bool) -> Void) in inbox.tryAgain { done(true) } }
        let failure = try #require(try await bench.status().failure)
        #expect(failure.kind == .diskFull && failure.detail.contains("cannot be brought to version 6"))
        bench.clock.advance(by: .seconds(1))
        #expect(try await bench.store(["new"])[0].message != nil)
        _ = try await bench.ask { (inbox, done: @escaping (Bool) -> Void) in inbox.tryAgain { done(true) } }
        #expect(try await bench.status().failure == nil)
        try await bench.close()
    }
}
