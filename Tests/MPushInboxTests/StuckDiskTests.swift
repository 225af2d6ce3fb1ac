import Foundation
import MPushModel
import Synchronization
import Testing

@testable import MPushInbox

/// A disk that does not answer is a failure, and said to be one until it does.
@Suite struct StuckDiskTests {
    /// Runs `body` while the inbox's thread hangs, with what lets it go on.
    private func whileItHangs(_ body: (InboxBench, () async throws -> Void) async throws -> Void) async throws {
        try await InboxBench.run { bench in
            try await bench.open()
            let gate = DispatchSemaphore(value: 0)
            let begun = DispatchSemaphore(value: 0)
            let ended: Task<Void, any Error> = Task {
                _ = try await bench.ask { (inbox, done: @escaping (Bool) -> Void) in
                    inbox.ask(.none, { _ in Self.hang(begun, gate) }, done: { _ in done(true) })
                }
            }
            await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
                DispatchQueue.global().async {
                    begun.wait()
                    continuation.resume()
                }
            }
            do {
                try await body(bench) {
                    gate.signal()
                    try await ended.value
                }
            } catch {
                gate.signal()
                throw error
            }
            gate.signal()
        }
    }

    private static func hang(_ begun: DispatchSemaphore, _ gate: DispatchSemaphore) {
        begun.signal()
        gate.wait()
    }

    private func look(_ bench: InboxBench) async throws -> InboxStatus {
        try await bench.ask { inbox, done in
            inbox.lookForOverdueJob()
            done(inbox.status)
        }
    }

    @Test func aJobThatIsNotDoneAfterTenSecondsIsAFailure() async throws {
        try await whileItHangs { bench, goOn in
            bench.clock.pass(.seconds(9))
            _ = try await look(bench)
            #expect(try await look(bench).failure == nil)
            bench.clock.pass(.seconds(1))
            _ = try await look(bench)
            let status = try await look(bench)
            #expect(status.failure?.kind == .stuck && !status.isHealthy)
            let isStuck: Bool = try await bench.ask { inbox, done in done(inbox.isStuck) }
            #expect(isStuck)
            let failure = try #require(status.failure)
            #expect(bench.news == [.failing(failure)])
            try await goOn()
            #expect(try await bench.status().failure == nil)
            #expect(bench.news.last == .recovered)
        }
    }

    /// All that was under way is late when the machine wakes.
    @Test func aSleepOfTheMachineIsNotTakenForAHangingDisk() async throws {
        try await whileItHangs { bench, goOn in
            bench.clock.pass(.seconds(8 * 3600))
            #expect(try await look(bench).failure == nil)
            try await goOn()
            #expect(bench.news.isEmpty)
        }
    }
}
