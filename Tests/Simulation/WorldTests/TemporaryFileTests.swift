import MPushConfiguration
import MPushModel
import MPushTestSupport
import MPushWorld
import NIOCore
import Testing

@testable import MPushInbox

/// SQLite may write to a file of its own what half of a statement would have to take back. It stays open for as long as the
/// database, and there may be no room for it, and no directory.
@Suite struct TemporaryFileTests {
    private let disk = SimulatedDisk(seed: 1)
    private let process: DiskProcess
    private let name = ConsumerName.route("r")

    init() throws {
        process = disk.process("daemon")
        try process.makeDirectory("/state", mode: 0o700)
    }

    private func open() throws -> InboxStore {
        let reading = ClockReading(SettableClock(bootID: "first"))
        return try InboxStore(path: "/state/inbox.db", in: process, at: reading) { _, _ in }
    }

    private func store(_ count: Int, of length: Int, in store: InboxStore) throws -> [MessagePosition] {
        _ = try store.open(name, fromOldest: true)
        var stored: [MessagePosition] = []
        try store.begin()
        let messages = (1...count).map { number in
            NewMessage(
                identity: "home", user: "alice", received: WallTime(millisecondsSince1970: 0),
                content: ByteBuffer(string: "\(number)" + String(repeating: "x", count: length)), awaitsConsumer: true)
        }
        for case .stored(let message) in try store.store(messages, settings: InboxSettings()) {
            stored.append(message.position)
        }
        try store.commit()
        #expect(stored.count == count)
        return stored
    }

    @Test func aRangeOfConfirmationsTakesNone() throws {
        let store = try open()
        let stored = try self.store(50, of: 20_000, in: store)
        try store.begin()
        #expect(try store.record(stored.flatMap { [.settled($0), .consumed($0)] }, of: name))
        #expect(try store.record(stored.map { .consumed($0) }, of: name))
        try store.commit()
        #expect(disk.counts.temporaries == 0)
        store.close()
    }

    /// All that was settled ahead of the cursor is forgotten at once when it goes on.
    @Test func aCursorThatPassesMuchTakesNone() throws {
        let store = try open()
        let stored = try self.store(10_000, of: 10, in: store)
        try store.begin()
        #expect(try store.record(stored.dropFirst().map { .settled($0) }, of: name))
        try store.commit()
        #expect(try store.database.number("SELECT count(*) FROM delivery") == 9999)
        try store.begin()
        #expect(try store.record([.advanced(to: #require(stored.last))], of: name))
        try store.commit()
        #expect(try store.database.number("SELECT count(*) FROM delivery") == 0)
        #expect(disk.counts.temporaries == 0)
        store.close()
    }

    /// As earlier versions left them.
    @Test func recordsWithoutMessagesTakeNone() throws {
        let store = try open()
        let stored = try self.store(1, of: 10, in: store)
        try store.database.execute(
            """
            BEGIN IMMEDIATE;
            WITH RECURSIVE number(i) AS (SELECT 100 UNION ALL SELECT i + 1 FROM number WHERE i < 200000)
            INSERT OR FAIL INTO delivery SELECT 1, i, 1, 0, 0, NULL FROM number;
            INSERT INTO delivery VALUES (1, \(stored[0].rawValue), 1, 0, 0, NULL);
            COMMIT
            """)
        store.close()
        let before = disk.counts.temporaries
        let second = try open()
        #expect(try second.database.number("SELECT count(*) FROM delivery") == 1)
        #expect(disk.counts.temporaries == before)
        second.close()
    }
}
