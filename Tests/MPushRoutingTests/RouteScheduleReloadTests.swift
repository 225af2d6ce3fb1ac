import MPushModel
import Testing

@testable import MPushRouting

/// What a route does when its settings or its filter change while messages run, wait and are asked for.
@Suite struct RouteScheduleReloadTests {
    private func bench(
        concurrency: Int = 1, attempts: Int = 3, shortest: Duration = .seconds(1), longest: Duration = .seconds(60)
    ) -> RouteScheduleBench {
        RouteScheduleBench(
            RouteSchedule.Settings(
                concurrency: concurrency,
                retry: RetryPolicy(attempts: attempts, shortestWait: shortest, longestWait: longest)))
    }

    @Test func anotherFilterHoldsForWhatDoesNotRun() {
        var bench = bench()
        bench.store([true, true, true])
        bench.reconfigure(bench.settings) { $0 != 2 }
        bench.answerFetch()
        bench.end(1, .confirmed)
        #expect(bench.running == [3])
        bench.end(3, .confirmed)
        #expect(bench.disk.cursor == 3 && bench.violations == [] && bench.held.isEmpty)
    }

    /// The second change comes before the inbox has answered for the first.
    @Test func twoChangesOneAfterTheOtherTakeNothingFromWhatRuns() {
        var bench = bench(concurrency: 2)
        bench.store([true, true])
        bench.end(1, .failed("no", retryAfter: nil))
        bench.reconfigure(bench.settings)
        bench.reconfigure(bench.settings)
        bench.answerFetch()
        #expect(bench.violations == [] && bench.held.contains(2))
        bench.end(2, .failed("no", retryAfter: nil))
        for _ in 0..<3 {
            bench.answerFetch()
            bench.pass(.seconds(5))
        }
        #expect(bench.running.sorted() == [1, 2] && bench.violations == [])
    }

    /// That would be a fault, which must not become an endless loop.
    @Test func whatIsNotInMemoryIsReadAgainAndNotStartedAtOnce() {
        var schedule = RouteSchedule(
            bench(concurrency: 2).settings, past: ConsumerProgress(cursor: 0), newest: 0, seed: 1, at: .zero)
        let offers = (1...2).positions.map { RouteSchedule.Offer(position: $0, size: 1, isWanted: true) }
        #expect(schedule.stored(offers, at: .zero).contains(.start(2, attempt: 1)))
        let actions = schedule.contentMissing(2, at: .zero)
        #expect(actions.contains(.fetch(after: 0, limit: 63)) && !actions.contains(.start(2, attempt: 1)))
        #expect(schedule.fetched(offers, at: .zero).contains(.start(2, attempt: 1)))
        #expect(schedule.running == 2)
    }

    @Test(arguments: [
        AttemptResult.failed("no", retryAfter: nil), .rejected("no"), .abandoned, .postponed("no descriptors"),
    ])
    func whatRunsAndIsNotWantedAnyMoreIsNotTriedAgain(result: AttemptResult) {
        for isAnsweredFirst in [true, false] {
            var bench = bench()
            bench.store([true])
            bench.reconfigure(bench.settings) { _ in false }
            if isAnsweredFirst { bench.answerFetch() }
            if !isAnsweredFirst, case .rejected = result { continue }
            bench.end(1, result)
            bench.pass(.seconds(60))
            #expect(bench.running == [])
            bench.answerFetch()
            bench.pass(.seconds(60))
            #expect(bench.running == [] && bench.disk.cursor == 1 && bench.disk.dead.isEmpty && bench.held.isEmpty)
            #expect(bench.violations == [])
        }
    }

    @Test func whatRunsAndIsNotWantedAnyMoreMayBeConfirmed() {
        var bench = bench()
        bench.store([true])
        bench.reconfigure(bench.settings) { _ in false }
        bench.answerFetch()
        bench.end(1, .confirmed)
        #expect(bench.confirmed == [1: 1] && bench.disk.cursor == 1 && bench.violations == [])
    }

    /// It alone is left of its window: nothing but reading it again lets go of the thousands that are settled ahead of it.
    @Test(arguments: [true, false]) func oneThatThousandsAreSettledAheadOfIsReadAgain(isByACrash: Bool) {
        var bench = bench(concurrency: 2, attempts: 100, longest: .seconds(1000))
        bench.store([true])
        for position in (2...6000).positions {
            bench.store([true])
            bench.answerFetch()
            if bench.running.contains(position) { bench.end(position, .confirmed) }
        }
        while let position = bench.running.first(where: { $0 != 1 }) { bench.end(position, .confirmed) }
        #expect(bench.disk.settledAhead.count >= RouteSchedule.mostAhead)
        bench.end(1, .failed("no", retryAfter: .seconds(100)))
        if isByACrash { bench.crash() } else { bench.reconfigure(bench.settings) }
        for _ in 0..<1000 where !bench.running.contains(1) {
            bench.answerFetch()
            bench.pass(.seconds(1))
        }
        #expect(bench.running.contains(1))
        bench.end(1, .confirmed)
        #expect(bench.disk.cursor >= 1 && bench.violations == [])
    }
}
