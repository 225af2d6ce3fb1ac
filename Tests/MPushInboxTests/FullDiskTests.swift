import Foundation
import MPushConfiguration
import MPushModel
import MPushPlatform
import MPushTestSupport
import NIOCore
import Testing

@testable import MPushInbox

/// Disks that take nothing any more: nothing is believed to be well before what failed has succeeded, and what everybody has
/// had gives way before anything is refused.
@Suite(.enabled(if: SmallDisk.isPossible)) struct FullDiskTests {
    /// Runs `body` with an inbox on a disk of `bytes`.
    private func run(bytes: Int, _ body: (InboxBench, SmallDisk) async throws -> Void) async throws {
        let place = FileManager.default.temporaryDirectory.appending(path: "full-\(UUID().uuidString)").path
        let disk = try #require(SmallDisk(at: place, bytes: bytes))
        defer { disk.remove() }
        let bench = try InboxBench(at: URL(filePath: place + "/state"))
        try await bench.open()
        do {
            try await body(bench, disk)
        } catch {
            try? await bench.close()
            throw error
        }
        try await bench.close()
    }

    private func tryAgain(_ bench: InboxBench) async throws {
        _ = try await bench.ask { (inbox, done: @escaping (Bool) -> Void) in inbox.tryAgain { done(true) } }
    }

    private func text(_ count: Int) -> String { String(repeating: "x", count: count) }

    @Test func aFullDiskFailsUntilItTakesWhatItRefused() async throws {
        try await run(bytes: 3 << 20) { bench, disk in
            _ = try await bench.store(["before"])
            try disk.fill()
            #expect(try await bench.store([text(8000)])[0].message == nil)
            for _ in 0..<3 {
                try await tryAgain(bench)
                _ = try await bench.messages()
                _ = try await bench.consumer(.route("r"))
                #expect(try await bench.status().failure?.kind == .diskFull)
            }
            #expect(bench.news.count == 1)
            disk.makeRoom()
            try await tryAgain(bench)
            #expect(try await bench.status().failure == nil)
            #expect(bench.news.last == .recovered)
            #expect(try await bench.store([text(8000)])[0].message != nil)
        }
    }

    /// That less fits in says nothing of what did not.
    @Test func lessThanWasRefusedIsNoRecovery() async throws {
        try await run(bytes: 4 << 20) { bench, _ in
            #expect(try await bench.store([text(5 << 20)])[0].message == nil)
            #expect(try await bench.store([text(1000)])[0].message != nil)
            try await tryAgain(bench)
            #expect(try await bench.status().failure?.kind == .diskFull)
            #expect(!bench.news.contains(.recovered))
        }
    }

    /// Several times what the disk holds goes through, as long as it is delivered.
    @Test func whatEverybodyHasHadGivesWay() async throws {
        try await run(bytes: 8 << 20) { bench, disk in
            _ = try await bench.consumer(.route("r"))
            for round in 0..<400 {
                let outcomes = try await bench.store((0..<20).map { "\(round) \($0) \(text(2000))" })
                try #require(outcomes.allSatisfy { $0.message != nil }, "round \(round)")
                let last = try await bench.status().last
                #expect(try await bench.record([.advanced(to: last)], of: .route("r")) == nil)
            }
            #expect(bench.news.isEmpty)
            #expect(try await bench.status().dropped == 0)
            // Not even a disk that others have filled takes anything from what is still waited for.
            try disk.fill()
            for round in 0..<200 { _ = try await bench.store(["waits \(round) \(text(2000))"]) }
            let waiting = try await bench.messages(MessageQuery(limit: 1000, consumer: .route("r"), state: .pending))
            #expect(!waiting.isEmpty)
            #expect(try await bench.status().dropped == 0)
        }
    }

    /// Records of messages that are not there count where they cannot be removed: they are taken from the count later.
    @Test func recordsThatCannotBeRemovedCount() async throws {
        try await run(bytes: 8 << 20) { bench, disk in
            for name in ["a", "b"] { _ = try await bench.consumer(.route(name)) }
            _ = try await bench.store(["1", "2", "3"])
            let position = MessagePosition(rawValue: 1)
            for name in ["a", "b"] {
                try await bench.record([.buried(position, attempts: 1, reason: text(500))], of: .route(name))
            }
            try await bench.close()
            let database = try Database(path: bench.file.path, in: MachineFiles())
            try database.execute("DELETE FROM message WHERE position = 1")
            database.close()
            try disk.fill()
            try await bench.open()
            #expect(try await bench.messages().count == 2)
            disk.makeRoom()
            let failure: InboxFailure? = try await bench.ask { inbox, done in
                inbox.removeConsumer(.route("a")) { done($0) }
            }
            #expect(failure == nil)
            let counted = try await bench.status().bytes
            let orphan = DeliveryRecord.bytes + 500
            #expect(counted == 2 * "1homealice".utf8.count + orphan)
        }
    }

    /// What a trial wrote before there was no more room is taken out of the log again.
    @Test func aTrialThatFailsLeavesNothing() async throws {
        try await run(bytes: 6 << 20) { bench, _ in
            #expect(try await bench.store([text(7 << 20)])[0].message == nil)
            for _ in 0..<3 { try await tryAgain(bench) }
            let log = try FileManager.default.attributesOfItem(atPath: bench.file.path + "-wal")[.size] as? Int
            #expect((log ?? 0) < 256 << 10)
            // What there is room for is stored meanwhile.
            #expect(try await bench.store([text(1 << 20)])[0].message != nil)
        }
    }

    /// Many jobs that wait share a transaction, but none of them asks for the room of all.
    @Test func aTrialAsksForWhatOneWasRefused() async throws {
        try await run(bytes: 8 << 20) { bench, disk in
            try disk.fill()
            let loop = bench.loop
            let refused: [EventLoopFuture<Bool>] = try await bench.ask { [self] inbox, done in
                done(
                    (0..<100).map { number in
                        let promise = loop.makePromise(of: Bool.self)
                        let message = NewMessage(
                            identity: "home", user: "alice", received: .now,
                            content: ByteBuffer(string: "\(number) \(text(100_000))"), awaitsConsumer: false)
                        inbox.store([message]) { outcomes in promise.succeed(outcomes[0].message == nil) }
                        return promise.futureResult
                    })
            }
            for future in refused { #expect(try await future.get()) }
            disk.makeRoom()
            try await tryAgain(bench)
            #expect(try await bench.status().failure == nil)
        }
    }

    /// Where others have given the room back, nothing gives way.
    @Test func whatIsKeptForShowStaysWhereTheDiskHasRoomAgain() async throws {
        try await run(bytes: 8 << 20) { bench, disk in
            _ = try await bench.consumer(.route("r"))
            _ = try await bench.store((0..<100).map { "shown \($0)" })
            try await bench.record([.advanced(to: try await bench.status().last)], of: .route("r"))
            try disk.fill()
            #expect(try await bench.store([text(8000)])[0].message == nil)
            disk.makeRoom()
            try await tryAgain(bench)
            #expect(try await bench.status().failure == nil)
            #expect(try await bench.messages().count == 100)
        }
    }

    /// Stores `contents`, which everybody has had, and closes: the log is gone.
    private func show(_ contents: [String], in bench: InboxBench) async throws {
        _ = try await bench.consumer(.route("r"))
        for first in stride(from: 0, to: contents.count, by: 100) {
            let some = Array(contents[first..<min(contents.count, first + 100)])
            #expect(try await bench.store(some).allSatisfy { $0.message != nil })
        }
        try await bench.record([.advanced(to: try await bench.status().last)], of: .route("r"))
        try await bench.close()
    }

    /// Others have the disk to its last byte, and all that is left for a log is what the reserve holds.
    @Test func theReserveSharesItsRoomWithTheLog() async throws {
        try await run(bytes: 12 << 20) { bench, disk in
            try await show((0..<300).map { "\($0) \(text(10_000))" }, in: bench)
            try disk.fill()
            try await bench.open()
            #expect(try await bench.store([text(300_000)])[0].message != nil)
            for round in 0..<100 { #expect(try await bench.store(["\(round)"])[0].message != nil) }
            #expect(try await bench.status().failure == nil)
        }
    }

    /// What is kept for show is not removed for its own sake.
    @Test func noMoreGivesWayThanIsNeeded() async throws {
        try await run(bytes: 48 << 20) { bench, disk in
            try await show((0..<300).map { "\($0) \(text(100_000))" }, in: bench)
            try disk.fill()
            try await bench.open()
            #expect(try await bench.store([text(1_500_000)])[0].message != nil)
            // For a message, a fourth of it, and a trial: two megabytes and a bit.
            #expect(try await bench.status().messages >= 300 - 30)
        }
    }

    /// Many messages that are removed at once change many pages of the index of their ids, which the log must hold. Fewer
    /// give way then: the same would be done and undone with each trial.
    @Test func whatGivesWayFitsIntoTheLog() async throws {
        try await run(bytes: 28 << 20) { bench, disk in
            try await show(
                (0..<24_000).map { _ in #"{"msgId":"\#(UUID().uuidString)","x":"\#(text(300))"}"# }, in: bench)
            try FileManager.default.removeItem(atPath: bench.directory.path + "/inbox.reserve")
            try disk.fill()
            // A fourth of it is the reserve, and all that there is for a log.
            disk.giveBack(512 << 10)
            try await bench.open()
            try disk.fillUp()
            #expect(try await bench.store([text(300_000)])[0].message == nil)
            for _ in 0..<10 { try await tryAgain(bench) }
            let left = try await bench.status().messages
            #expect((22_000..<24_000).contains(left))
            disk.makeRoom()
            try await tryAgain(bench)
            #expect(try await bench.status().failure == nil)
        }
    }
}
