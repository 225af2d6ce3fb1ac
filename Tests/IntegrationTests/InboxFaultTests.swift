import Foundation
import MPushIdentity
import MPushInbox
import MPushModel
import MPushSimulator
import MPushSystemd
import MPushTestSupport
import MPushWire
import NIOCore
import NIOPosix
import Testing

@testable import MPushDaemon

/// Disks that are full or not to be written, and databases that are not what SQLite wrote: the connection stays, nothing is
/// acknowledged that is not stored, it is said plainly, and all mends itself.
@Suite struct InboxFaultTests {
    @Test(.enabled(if: SmallDisk.isPossible))
    func aFullDiskIsSaidAndMendsItself() async throws {
        try await Workplace.run(Workplace(isWhole: true)) { place in
            let disk = try #require(SmallDisk(at: place.file("disk").path, bytes: 1 << 20))
            defer { disk.remove() }
            try await place.start(place.configuration(state: disk.path + "/state"))
            try await place.online()
            #expect(try await place.isAcknowledged("before"))
            try disk.fill()
            let text = String(repeating: "large ", count: 20_000)
            #expect(try await !place.isAcknowledged(text, within: .seconds(1)))
            let failing = try await place.sink.next(after: 0) { $0.event == .inboxFailing }
            #expect(failing.value(.cause) == "disk-full", "\(failing.text)")
            #expect(try await place.onDaemon { $0.services.inbox.status.failure } != nil)
            #expect(!place.sink.records.contains { $0.event == .connectionLost })
            // What can be read says nothing of what can be stored.
            #expect(try await contents(place) == ["before"])
            #expect(try await place.onDaemon { $0.services.inbox.status.failure } != nil)
            #expect(!place.sink.records.contains { $0.event == .inboxRecovered })
            disk.makeRoom()
            #expect(try await place.isAcknowledged("after"))
            _ = try await place.sink.next(after: 0) { $0.event == .inboxRecovered }
            #expect(try await contents(place) == ["before", "after"])
        }
    }

    @Test(.enabled(if: SmallDisk.isPossible))
    func aReadOnlyDiskIsSaidAndMendsItself() async throws {
        try await Workplace.run(Workplace(isWhole: true)) { place in
            let disk = try #require(SmallDisk(at: place.file("disk").path, bytes: 1 << 20))
            defer { disk.remove() }
            #expect(disk.setReadOnly(true))
            try await place.start(place.configuration(state: disk.path + "/state"))
            try await place.online()
            #expect(try await !place.isAcknowledged("before", within: .milliseconds(500)))
            _ = try await place.sink.next(after: 0) { $0.event == .inboxFailing }
            #expect(!place.sink.records.contains { $0.event == .connectionLost })
            #expect(disk.setReadOnly(false))
            #expect(try await becomesAcknowledged("after", place))
            _ = try await place.sink.next(after: 0) { $0.event == .inboxRecovered }
        }
    }

    @Test(arguments: [true, false])
    func aDamagedDatabaseIsSetAsideAndTheConnectionStays(isTruncated: Bool) async throws {
        try await Workplace.run(Workplace(isWhole: true)) { place in
            try await place.start(place.configuration())
            try await place.online()
            for number in 0..<50 {
                #expect(try await place.isAcknowledged("\(number) " + String(repeating: "x", count: 500)))
            }
            try await place.stop()
            let database = place.file("state/inbox.db")
            let file = try FileHandle(forUpdating: database)
            if isTruncated {
                try file.truncate(atOffset: 10_000)
            } else {
                try file.seek(toOffset: 4096)
                try file.write(contentsOf: Data(repeating: 0xA5, count: 9000))
            }
            try file.close()
            let damaged = try Data(contentsOf: database)
            let line = place.sink.count
            try await place.start(place.configuration())
            try await place.online(after: line)
            #expect(try await place.isAcknowledged("new"))
            let said = try await place.sink.next(after: line) { $0.event == .inboxDamaged }
            let aside = try #require(try await place.onDaemon { $0.services.inbox.status.setAside })
            #expect(said.text.contains(aside))
            #expect(try Data(contentsOf: URL(fileURLWithPath: aside)) == damaged)
            #expect(try await contents(place) == ["new"])
        }
    }

    @Test func aDatabaseThatIsScribbledOverWhileItIsOpenLosesNothingThatIsAcknowledgedLater() async throws {
        try await Workplace.run(Workplace(isWhole: true)) { place in
            try await place.start(place.configuration())
            try await place.online()
            for number in 0..<20 {
                #expect(try await place.isAcknowledged("\(number) " + String(repeating: "x", count: 500)))
            }
            let database = place.file("state/inbox.db")
            let file = try FileHandle(forUpdating: database)
            try file.write(contentsOf: Data(repeating: 0x5A, count: Int(try file.seekToEnd())))
            try file.seek(toOffset: 0)
            try file.write(contentsOf: Data(repeating: 0x5A, count: 8192))
            try file.close()
            var acknowledged: [String] = []
            for number in 0..<5 {
                let text = "after \(number)"
                if try await place.isAcknowledged(text, within: .seconds(2)) { acknowledged.append(text) }
            }
            #expect(!place.sink.records.contains { $0.event == .connectionLost })
            try await place.stop()
            let line = place.sink.count
            try await place.start(place.configuration())
            try await place.online(after: line)
            // Whatever was acknowledged is in the database in use, or in the one that was set aside whole.
            let there = Set(try await contents(place))
            if !place.sink.records.contains(where: { $0.event == .inboxDamaged }) {
                #expect(there.isSuperset(of: acknowledged))
            }
            #expect(try await place.isAcknowledged("at last"))
        }
    }

    /// The file is removed while messages come. What is acknowledged then is in the new database, and has its route.
    @Test func whatComesTogetherWithTheLossOfTheDatabaseIsHandedOver() async throws {
        try await Workplace.run(Workplace(isWhole: true)) { place in
            let route = place.shellRoute("take", "echo \"$(cat)\"")
            try await place.start(place.configuration(more: route))
            try await place.online()
            #expect(try await place.isAcknowledged("before"))
            try await place.program(says: "before")
            for suffix in ["", "-wal", "-shm"] {
                try? FileManager.default.removeItem(at: place.file("state/inbox.db" + suffix))
            }
            #expect(try await place.isAcknowledged("with the news"))
            try await place.program(says: "with the news")
            #expect(try await place.isAcknowledged("after"))
            try await place.program(says: "after")
        }
    }

    /// The contents of the inbox, the oldest first.
    private func contents(_ place: Workplace) async throws -> [String] {
        let promise = place.group.next().makePromise(of: [String].self)
        try await place.onDaemon { daemon in
            daemon.services.inbox.messages(MessageQuery(limit: 1000)) { answer in
                promise.completeWith(
                    answer.map { $0.messages.map { String(buffer: $0.content) } }.mapError { $0 as any Error })
            }
        }
        return try await promise.futureResult.get()
    }

    /// Pushes until one is acknowledged; the inbox looks again every few seconds.
    private func becomesAcknowledged(_ text: String, _ place: Workplace) async throws -> Bool {
        for number in 0..<20 where try await place.isAcknowledged("\(text) \(number)", within: .seconds(1)) {
            return true
        }
        return false
    }
}
