import MPushModel
import Testing

@testable import MPushRouting

/// Several messages in one attempt: all or none, or each for itself.
@Suite struct RouteScheduleBatchTests {
    private func bench(
        _ messages: Int = 100, batch: Int = 10, bytes: Int = .max, concurrency: Int = 1, attempts: Int = 3
    ) -> RouteScheduleBench {
        var bench = RouteScheduleBench(
            RouteSchedule.Settings(
                concurrency: concurrency, retry: RetryPolicy(attempts: attempts),
                batch: BatchLimits(messages: batch, bytes: bytes)))
        bench.store([Bool](repeating: true, count: messages))
        return bench
    }

    /// What the target got, attempt by attempt, until nothing is left; `answer` says what it makes of each.
    private func run(
        _ bench: inout RouteScheduleBench, answer: ([MessagePosition]) -> BatchResult
    ) -> [[MessagePosition]] {
        run(&bench, timed: { attempt, _ in answer(attempt) })
    }

    private func run(
        _ bench: inout RouteScheduleBench, timed answer: ([MessagePosition], Instant) -> BatchResult
    ) -> [[MessagePosition]] {
        var seen: [[MessagePosition]] = []
        for _ in 0..<10_000 {
            if let attempt = bench.attempts.first {
                seen.append(attempt)
                bench.endBatch(attempt[0], answer(attempt, bench.now))
            } else if !bench.fetches.isEmpty || !bench.returnedFetches.isEmpty {
                bench.answerFetch()
            } else if let deadline = bench.deadline {
                bench.pass(deadline - bench.now)
            } else {
                return seen
            }
        }
        Issue.record("it never comes to rest")
        return seen
    }

    @Test func aBacklogGoesInFullBatchesInOrder() {
        var bench = bench(1001, batch: 100)
        let seen = run(&bench) { _ in .whole(.confirmed) }
        #expect(seen.flatMap(\.self) == (1...1001).positions)
        #expect(seen.count <= 13 && seen.map(\.count).max() == 100)
        #expect(bench.violations == [] && bench.disk.cursor == 1001 && bench.confirmed.count == 1001)
    }

    @Test func aBatchHasNoMoreBytesThanItMay() {
        var bench = bench(20, batch: 10, bytes: 350)
        let seen = run(&bench) { _ in .whole(.confirmed) }
        #expect(seen.map(\.count).max() == 3)
        var large = self.bench(4, batch: 10, bytes: 50)
        #expect(run(&large) { _ in .whole(.confirmed) }.allSatisfy { $0.count == 1 })
    }

    @Test func severalBatchesAreUnderWayAtOnce() {
        let bench = bench(100, batch: 10, concurrency: 3)
        #expect(bench.attempts.count == 3)
        #expect(Set(bench.running).count == bench.running.count)
    }

    /// Nobody else goes down with it, and it takes no more requests than halving takes.
    @Test func theOneThatIsRefusedIsFoundAndIsTheOnlyOne() {
        var bench = bench(64, batch: 64)
        let seen = run(&bench) { $0.contains(37) ? .whole(.rejected("400")) : .whole(.confirmed) }
        #expect(bench.buried == [37: 1] && bench.confirmed.count == 63)
        #expect(bench.confirmed.values.allSatisfy { $0 == 1 } && bench.violations == [])
        #expect(seen.count <= 24, "\(seen.count)")
    }

    @Test func theOneThatFailsLeavesWithinItsAttemptsAndIsTheOnlyOne() {
        var bench = bench(64, batch: 64, attempts: 3)
        let seen = run(&bench) { $0.contains(37) ? .whole(.failed("500", retryAfter: nil)) : .whole(.confirmed) }
        #expect(bench.buried == [37: 1] && bench.confirmed.count == 63 && bench.violations == [])
        #expect(seen.filter { $0 == [37] }.count == 3)
    }

    /// What fails in a batch is no attempt of any of its messages.
    @Test func afterAFailedBatchOneMessageIsTriedAfterAWait() {
        var bench = bench(64, batch: 64)
        let batch = bench.attempts.first ?? []
        #expect(batch.count == 64)
        bench.endBatch(batch[0], .whole(.failed("503", retryAfter: .seconds(20))))
        #expect(bench.attempts.isEmpty && bench.disk.attempted.isEmpty)
        bench.pass(.seconds(19))
        #expect(bench.attempts.isEmpty)
        bench.pass(.seconds(2))
        #expect(bench.attempts == [[batch[0]]])
    }

    @Test func anOutageLosesNothingAndBatchesComeBack() {
        var bench = bench(500, batch: 100)
        let end = bench.now + .seconds(12 * 3600)
        var probes = 0
        var largest = 0
        _ = run(&bench) { (attempt: [MessagePosition], now: Instant) in
            if now < end {
                probes += 1
                return .whole(probes % 2 == 0 ? .unavailable("refused") : .failed("503", retryAfter: nil))
            }
            largest = max(largest, attempt.count)
            return .whole(.confirmed)
        }
        #expect(bench.buried.isEmpty && bench.confirmed.count == 500 && bench.violations == [])
        #expect(bench.started == bench.started.sorted() && largest == 100)
        #expect(probes <= 12 * 60 / 5 * 10 / 9 + 15, "\(probes)")
    }

    @Test func whatTheReceiverSaysOfEachCounts() {
        var bench = bench(200, batch: 64, attempts: 2)
        let seen = run(&bench) { attempt in
            .each(
                attempt.map {
                    switch $0 {
                    case 10: .rejected("never")
                    case 20, 30: .failed("later", retryAfter: nil)
                    default: .confirmed
                    }
                })
        }
        // Of two that fail while others of the same answer are confirmed, each is to blame for itself.
        #expect(bench.buried == [10: 1, 20: 1, 30: 1], "\(bench.buried)")
        #expect(bench.confirmed.count == 197 && bench.confirmed.values.allSatisfy { $0 == 1 })
        #expect(bench.violations == [] && seen.flatMap(\.self).filter { $0 == 20 }.count == 2)
        #expect(bench.schedule.targetDownSince == nil)
    }

    /// With nothing else in their answers, it is as for a target that is down, until another message comes.
    @Test func thoseThatFailAmongThemselvesWaitForAnother() {
        var bench = bench(2, batch: 10, attempts: 2)
        func answer(_ attempt: [MessagePosition]) -> BatchResult {
            .each(attempt.map { $0 <= 2 ? .failed("later", retryAfter: nil) : .confirmed })
        }
        func steps(_ bench: inout RouteScheduleBench) {
            for _ in 0..<100 {
                if let attempt = bench.attempts.first {
                    bench.endBatch(attempt[0], answer(attempt))
                } else if let deadline = bench.deadline {
                    bench.pass(deadline - bench.now)
                }
            }
        }
        steps(&bench)
        #expect(bench.buried.isEmpty && bench.schedule.targetDownSince != nil)
        for _ in 0..<4 {
            bench.store([true])
            steps(&bench)
        }
        #expect(bench.buried.keys.sorted() == [1, 2] && bench.confirmed.keys.sorted() == [3, 4, 5, 6])
        #expect(bench.violations == [])
    }

    @Test func aDeadLetterThatIsSentAgainGoesAlone() {
        var bench = bench(20, batch: 10, attempts: 1)
        _ = run(&bench) { $0.contains(5) ? .whole(.rejected("400")) : .whole(.confirmed) }
        bench.sendAgain()
        #expect(run(&bench) { _ in .whole(.confirmed) } == [[5]])
        #expect(bench.disk.dead.isEmpty && bench.violations == [])
    }
}
