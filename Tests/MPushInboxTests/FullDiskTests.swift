import Foundation
import MPushConfiguration
import MPushModel
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
}
