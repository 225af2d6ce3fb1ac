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
    @Test func aRangeOfConfirmationsTakesNone() throws {
        let disk = SimulatedDisk(seed: 1)
        let process = disk.process("daemon")
        try process.makeDirectory("/state", mode: 0o700)
        let reading = ClockReading(SettableClock(bootID: "first"))
        let store = try InboxStore(path: "/state/inbox.db", in: process, at: reading) { _, _ in }
        let messages = (1...50).map { number in
            NewMessage(
                identity: "home", user: "alice", received: WallTime(millisecondsSince1970: 0),
                content: ByteBuffer(repeating: UInt8(number), count: 20_000), awaitsConsumer: true)
        }
        let name = ConsumerName.route("r")
        _ = try store.open(name, fromOldest: true)
        var stored: [MessagePosition] = []
        try store.begin()
        for case .stored(let message) in try store.store(messages, settings: InboxSettings()) {
            stored.append(message.position)
        }
        try store.commit()
        #expect(stored.count == 50)
        try store.begin()
        #expect(try store.record(stored.flatMap { [.settled($0), .consumed($0)] }, of: name))
        #expect(try store.record(stored.map { .consumed($0) }, of: name))
        try store.commit()
        #expect(disk.counts.temporaries == 0)
        store.close()
    }
}
