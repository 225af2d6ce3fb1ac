import CSQLite
import Foundation
import Glibc
import MPushConfiguration
import MPushModel
import MPushTestSupport
import Testing

@testable import MPushInbox

/// Files that SQLite takes for a database and that no inbox ever wrote: nothing traps, nothing hangs, nothing that stands in
/// the schema runs. What can be used is used; what cannot is set aside whole, and a new inbox is begun.
@Suite struct ForeignFileTests {
    private static let highest = "9223372036854775807"
    private static let lowest = "(-9223372036854775807 - 1)"

    /// Runs `sql` on the file as any other program would.
    private func change(_ bench: InboxBench, _ sql: String) {
        var database: OpaquePointer?
        #expect(sqlite3_open(bench.file.path, &database) == SQLITE_OK)
        #expect(sqlite3_exec(database, sql, nil, nil, nil) == SQLITE_OK, "\(String(cString: sqlite3_errmsg(database)))")
        #expect(sqlite3_close(database) == SQLITE_OK)
    }

    /// An inbox with something in each table, closed.
    private func fill(_ bench: InboxBench) async throws {
        try await bench.open()
        _ = try await bench.consumer(.route("r"), fromOldest: true)
        _ = try await bench.store(["one", "two", #"{"msgId":"three"}"#, "four"])
        func position(_ number: Int64) -> MessagePosition { MessagePosition(rawValue: number) }
        try await bench.record(
            [
                .advanced(to: position(1)), .attempted(position(2), attempts: 1, wait: .seconds(9)),
                .buried(position(3), attempts: 3, reason: "no"), .settled(position(4)),
            ], of: .route("r"))
        try await bench.close()
    }

    /// Opens it and asks all there is to ask; gives whether the file was set aside.
    private func useAll(_ bench: InboxBench) async throws -> Bool {
        try await bench.open()
        let route = ConsumerName.route("r")
        let state = try await bench.consumer(route)
        #expect(state.attempted.allSatisfy { $0.attempts >= 0 && $0.attempts < .max && $0.wait >= .zero })
        #expect((state.settledAhead + state.returned + [state.cursor]).allSatisfy { $0.rawValue < Int64.max / 2 })
        for message in try await bench.messages(MessageQuery(consumer: route, state: .pending)) {
            #expect(message.received.isWritable)
        }
        let letters = try await bench.ask { inbox, done in
            inbox.deadLetters(DeadLetterQuery()) { done($0) }
        }.get().deadLetters
        #expect(letters.allSatisfy { $0.attempts >= 0 && $0.buried.isWritable })
        _ = try await bench.ask { inbox, done in inbox.returnDeadLetters(nil, of: route) { done($0) } }.get()
        let last = try #require(try await bench.store(["new"])[0].message)
        #expect(try await bench.messages(MessageQuery(isNewestFirst: true)).first == last)
        try await bench.record([.attempted(last.position, attempts: 1, wait: .seconds(1))], of: route)
        bench.clock.advance(by: .seconds(31 * 86_400))
        #expect(try await bench.store(["newer"])[0].message != nil)
        let status = try await bench.status()
        #expect(status.failure == nil && status.messages >= 0 && status.bytes >= 0)
        return bench.news.contains { if case .begunAnew = $0 { true } else { false } }
    }

    @Test(arguments: [
        "UPDATE message SET size = \(highest)", "UPDATE message SET size = \(lowest)",
        "UPDATE message SET size = 'many', received = 'soon', type = 1e300, content = 7, identity = x'ff00', awaits = -1",
        "UPDATE message SET received = \(lowest), came = \(highest)",
        "UPDATE message SET received = \(highest), came = 'x'",
        "UPDATE message SET id = x'00ff', user = 12, key = 'text'", "UPDATE message SET came = \(lowest)",
        "UPDATE clock SET now = \(highest), uptime = \(highest), agreed_wall = \(lowest), agreed_now = \(highest)",
        "UPDATE clock SET now = \(lowest), uptime = 'x', began = \(highest), began_after = \(highest), boot = x'00'",
        "DELETE FROM clock", "DELETE FROM inbox", "UPDATE consumer SET cursor = \(highest), number = \(lowest)",
        "UPDATE consumer SET cursor = \(lowest), active = 'x'",
        "UPDATE delivery SET attempts = \(highest), at = \(highest)",
        "UPDATE delivery SET attempts = -1, at = \(lowest)",
        "UPDATE delivery SET state = 4, attempts = \(highest), at = 1e300", "UPDATE delivery SET state = 'dead'",
        "UPDATE delivery SET position = \(highest) WHERE position = 2", "UPDATE delivery SET position = -position",
        "INSERT INTO ticket VALUES ('a', 1, 2, 3, 4, 5, \(highest), 'x')",
        "CREATE TABLE another(x); CREATE INDEX one_more ON message(user); ANALYZE",
        "CREATE TRIGGER t AFTER INSERT ON message BEGIN DELETE FROM message; END",
    ])
    func oddCellsAreBounded(sql: String) async throws {
        try await InboxBench.run { bench in
            try await fill(bench)
            change(bench, sql)
            #expect(try await !useAll(bench))
        }
    }

    @Test(arguments: [
        "UPDATE sqlite_sequence SET seq = \(highest) WHERE name = 'message'",
        "UPDATE sqlite_sequence SET seq = -1 WHERE name = 'message'", "DELETE FROM sqlite_sequence",
        "UPDATE message SET position = \(highest) WHERE position = 1",
        "UPDATE message SET position = -5 WHERE position = 1", "PRAGMA user_version = -1", "PRAGMA application_id = 5",
        "PRAGMA user_version = 1", "PRAGMA user_version = 0", "DROP INDEX message_key", "DROP TABLE clock",
        "DROP TABLE ticket; CREATE VIEW ticket AS SELECT * FROM message",
        "ALTER TABLE message RENAME COLUMN user TO owner",
        "DROP TABLE delivery; CREATE TABLE delivery(consumer, position, state, attempts, at, reason)",
    ])
    func whatIsNoInboxIsSetAside(sql: String) async throws {
        try await InboxBench.run { bench in
            try await fill(bench)
            change(bench, sql)
            #expect(try await useAll(bench))
        }
    }

    @Test func anotherProgramsDatabaseIsLeftWhole() async throws {
        try await InboxBench.run { bench in
            change(bench, "CREATE TABLE message(text); INSERT INTO message VALUES ('not yours')")
            let before = try Data(contentsOf: bench.file)
            #expect(try await useAll(bench))
            let place = try #require(try await bench.status().setAside)
            #expect(try Data(contentsOf: URL(filePath: place)) == before)
        }
    }

    /// To open a pipe can take for ever.
    @Test(arguments: ["", "-wal", "-journal", "-shm"], [S_IFIFO, S_IFDIR])
    func whatIsNoFileIsNotOpened(suffix: String, kind: mode_t) async throws {
        try await InboxBench.run { bench in
            let path = bench.file.path + suffix
            #expect((kind == S_IFIFO ? mkfifo(path, 0o600) : mkdir(path, 0o700)) == 0)
            try await bench.open()
            let failure = try #require(try await bench.status().failure)
            #expect(failure.detail.contains("is not a file"))
            #expect(rmdir(path) == 0 || unlink(path) == 0)
            #expect(try await bench.store(["x"])[0].message != nil)
        }
    }

    /// As an administrator may have laid it on another disk.
    @Test func aLinkToAFileIsFollowed() async throws {
        try await InboxBench.run { bench in
            #expect(symlink(bench.directory.path + "/elsewhere", bench.file.path) == 0)
            try await bench.open()
            #expect(try await bench.store(["x"])[0].message != nil)
            #expect(FileManager.default.fileExists(atPath: bench.directory.path + "/elsewhere"))
        }
    }

    // MARK: - Statements

    @Test func aStatementOutlivesNothing() throws {
        let database = try Database()
        let statement = try database.prepare("SELECT 1")
        database.close()
        #expect(throws: SQLiteError.self) { try database.execute("SELECT 1") }
        #expect(throws: SQLiteError.self) { try database.prepare("SELECT 1") }
        statement.finish()
        #expect(throws: SQLiteError.self) { try statement.step() }
        #expect(statement.integer(0) == 0 && statement.text(0).isEmpty && statement.bytes(0).isEmpty)
    }

    @Test func aBindingThatFailsIsNotLeftOut() throws {
        let database = try Database()
        defer { database.close() }
        let statement = try database.prepare("SELECT ?1")
        statement.bind(2, 7)
        #expect(throws: SQLiteError.self) { try statement.step() }
        let value = [UInt8](repeating: 1, count: Database.longestValue + 1)
        #expect(throws: SQLiteError.self) { try statement.bind(1, value).step() }
        #expect(throws: SQLiteError.self) { try database.number("SELECT length(zeroblob(\(value.count)))") }
        #expect(throws: SQLiteError.self) { try database.prepare("") }
    }

    @Test func emptyIsNotNull() throws {
        let database = try Database()
        defer { database.close() }
        let statement = try database.prepare("SELECT ?1 IS NULL, ?2 IS NULL, ?3 IS NULL, ?1")
        statement.bind(1, "").bind(2, [UInt8]())
        #expect(try statement.step())
        #expect((0...2).map { statement.integer($0) } == [0, 0, 1])
    }
}

extension WallTime {
    fileprivate var isWritable: Bool { (0..<253_402_300_800_000).contains(millisecondsSince1970) }
}
