import Foundation
import MPushModel
import MPushTestSupport
import NIOCore
import Synchronization
import Testing

@testable import MPushInbox

/// A disk that does not answer is a failure, and said to be one until it does.
@Suite struct StuckDiskTests {
    /// Runs `body` while the inbox's thread hangs, with what lets it go on.
    private func whileItHangs(
        endsWith failure: SQLiteError? = nil, isTimed: Bool = false,
        _ body: (InboxBench, () async throws -> Void) async throws -> Void
    ) async throws {
        try await InboxBench.run { bench in
            if isTimed { bench.timerClock = bench.clock }
            try await bench.open()
            let gate = DispatchSemaphore(value: 0)
            let begun = DispatchSemaphore(value: 0)
            let ended: Task<Void, any Error> = Task {
                _ = try await bench.ask { (inbox, done: @escaping (Bool) -> Void) in
                    inbox.ask(
                        .none,
                        { _ throws(SQLiteError) in
                            Self.hang(begun, gate)
                            if let failure { throw failure }
                        }, done: { _ in done(true) })
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
            bench.clock.advance(by: .seconds(9))
            _ = try await look(bench)
            #expect(try await look(bench).failure == nil)
            bench.clock.advance(by: .seconds(1))
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

    /// What a probe for life asks.
    @Test func aThreadThatHangsDoesNotAnswer() async throws {
        try await whileItHangs { bench, goOn in
            bench.clock.advance(by: .seconds(10))
            _ = try await look(bench)
            _ = try await look(bench)
            let answers: Bool = try await bench.ask { inbox, done in inbox.answers(done: done) }
            #expect(!answers)
            try await goOn()
            let answersAgain: Bool = try await bench.ask { inbox, done in inbox.answers(done: done) }
            #expect(answersAgain)
        }
    }

    /// Whoever asks before that is known hears it as soon as it is.
    @Test func aQuestionIsAnsweredOnceItIsKnownThatItHangs() async throws {
        try await whileItHangs(isTimed: true) { bench, goOn in
            let promise = bench.loop.makePromise(of: Bool.self)
            let isAsked: Bool = try await bench.ask { inbox, done in
                inbox.answers { promise.succeed($0) }
                done(true)
            }
            #expect(isAsked)
            for _ in 0..<13 {
                bench.clock.advance(by: .seconds(1))
                for _ in 0..<3 { _ = try await bench.status() }
            }
            #expect(try await !promise.futureResult.get())
            try await goOn()
        }
    }

    /// That it answers is no recovery where the answer is an error.
    @Test func aDiskThatAnswersWithAnErrorHasNotRecovered() async throws {
        try await whileItHangs(endsWith: SQLiteError(code: 10, message: "disk I/O error")) { bench, goOn in
            bench.clock.advance(by: .seconds(10))
            _ = try await look(bench)
            _ = try await look(bench)
            try await goOn()
            let failure = try #require(try await bench.status().failure)
            #expect(failure.kind == .disk)
            #expect(bench.news.count == 2 && bench.news.last == .failing(failure))
        }
    }

    /// Small things that succeed do not put off the trial that finds out whether the disk takes what it refused.
    @Test func whatComesMeanwhileDoesNotPutOffTheTrial() async throws {
        try await InboxBench.run { bench in
            let clock = SettableClock()
            bench.timerClock = clock
            try await bench.open()
            _ = try await bench.ask { (inbox, done: @escaping (Bool) -> Void) in
                inbox.ask(
                    .disk, bytes: 100_000,
                    { _ throws(SQLiteError) in throw SQLiteError(code: 10, message: "disk I/O error") },
                    done: { (_: Result<Bool, InboxFailure>) in done(true) })
            }
            for number in 1...3 {
                #expect(try await bench.status().failure != nil)
                clock.advance(by: .seconds(2))
                #expect(try await bench.store(["\(number)"])[0].message != nil)
            }
            _ = try await bench.messages()
            #expect(try await bench.status().failure == nil)
            #expect(bench.news.last == .recovered)
        }
    }

    /// All that was under way is late when the machine wakes.
    @Test func aSleepOfTheMachineIsNotTakenForAHangingDisk() async throws {
        try await whileItHangs { bench, goOn in
            bench.clock.advance(by: .seconds(8 * 3600))
            #expect(try await look(bench).failure == nil)
            try await goOn()
            #expect(bench.news.isEmpty)
        }
    }
}
