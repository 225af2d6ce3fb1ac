import MPushModel
import Testing

@testable import MPushRouting

/// What an operator bounds: a pause, and so many attempts a minute.
@Suite struct RouteScheduleBoundsTests {
    private func bench(
        mostPerMinute: Int? = nil, concurrency: Int = 1, past: ConsumerProgress = ConsumerProgress(cursor: .start)
    ) -> RouteScheduleBench {
        RouteScheduleBench(
            RouteSchedule.Settings(
                concurrency: concurrency, retry: RetryPolicy(attempts: 3, shortestWait: .seconds(1)),
                mostPerMinute: mostPerMinute),
            past: past)
    }

    @Test func aPausedRouteStartsNothingAndGoesOnWhereItWas() {
        var bench = bench()
        bench.store([true, true, true])
        bench.suspend(.untilResumed)
        #expect(bench.schedule.state(at: bench.now) == .paused)
        // What is under way ends as it does.
        bench.end(1, .confirmed)
        bench.pass(.seconds(86_400))
        bench.store([true])
        #expect(bench.running == [] && bench.schedule.waiting == 3 && bench.schedule.nextAttempt == nil)
        bench.suspend(nil)
        #expect(bench.running == [2] && bench.schedule.state(at: bench.now) == .working)
        for position in (2...4).positions { bench.end(position, .confirmed) }
        #expect(bench.disk.cursor == 4 && bench.violations == [])
    }

    @Test func aPauseForATimeEndsByItself() {
        var bench = bench()
        bench.suspend(.lasting(.seconds(3600)))
        bench.store([true])
        bench.pass(.seconds(3599))
        #expect(bench.running == [] && bench.schedule.pause(at: bench.now) == .lasting(.seconds(1)))
        bench.pass(.seconds(1))
        #expect(bench.running == [1] && bench.schedule.pause(at: bench.now) == nil)
    }

    @Test(arguments: [RoutePause.untilResumed, .lasting(.seconds(60))])
    func aPauseOutlivesTheProcess(pause: RoutePause) {
        var bench = bench(past: ConsumerProgress(cursor: .start, pause: pause))
        bench.store([true])
        bench.pass(.seconds(59))
        #expect(bench.running == [])
        bench.pass(.seconds(1))
        #expect(bench.running == (pause == .untilResumed ? [] : [1]))
    }

    @Test func dismissingAPauseTriesATargetThatIsDownAtOnce() {
        var bench = bench()
        bench.store([true])
        for _ in 0..<3 {
            bench.end(1, .unavailable("refused"))
            bench.pass(.seconds(10))
        }
        bench.end(1, .unavailable("refused"))
        #expect(bench.running == [] && bench.schedule.state(at: bench.now) == .down)
        bench.suspend(.untilResumed)
        bench.suspend(nil)
        #expect(bench.running == [1])
    }

    @Test func deadLettersThatAreSentAgainWaitForThePauseToo() {
        var bench = bench()
        bench.store([true])
        bench.end(1, .rejected("no"))
        bench.suspend(.untilResumed)
        bench.sendAgain()
        bench.answerFetch()
        #expect(bench.running == [])
        bench.suspend(nil)
        bench.answerFetch()
        #expect(bench.running == [1])
    }

    /// However many wait, and however many may run at once: no minute has more.
    @Test(arguments: [1, 7, 60, 600], [1, 8])
    func noMinuteHasMoreThanItMay(most: Int, concurrency: Int) {
        var bench = bench(mostPerMinute: most, concurrency: concurrency)
        bench.store(Array(repeating: true, count: 64))
        var begun: [Instant] = []
        for _ in 0..<20_000 where bench.disk.cursor < 64 {
            while let first = bench.running.first {
                begun.append(bench.now)
                bench.end(first, .confirmed)
            }
            bench.pass(.milliseconds(250))
            bench.answerFetch()
        }
        #expect(begun.count == 64)
        for start in begun {
            let minute = begun.count { $0 >= start && $0 - start < .seconds(60) }
            #expect(minute <= most)
        }
        // Nor much less: the bound is used.
        let needed = Duration.seconds(62) * ((64 + most - 1) / most)
        #expect(bench.now.sinceBoot < needed + .seconds(5))
        #expect(bench.violations == [])
    }

    @Test func aLimitedRouteSaysWhenItGoesOn() {
        var bench = bench(mostPerMinute: 2)
        bench.store([true, true, true])
        bench.end(1, .confirmed)
        bench.pass(.seconds(5))
        bench.end(2, .confirmed)
        #expect(bench.running == [] && bench.schedule.state(at: bench.now) == .limited)
        #expect(bench.schedule.nextAttempt == Instant.zero + .seconds(61))
        // A failure counts, too: it is the target that is to be spared.
        bench.pass(.seconds(56))
        #expect(bench.running == [3])
        // Without the bound all goes on at once.
        bench.store([true])
        bench.end(3, .confirmed)
        #expect(bench.running == [] || bench.running == [4])
        bench.reconfigure(RouteSchedule.Settings(concurrency: 1, retry: RetryPolicy()))
        bench.answerFetch()
        #expect(bench.running == [4])
    }

    @Test func confirmationsOfAMinuteAreCounted() {
        var count = MinuteCount()
        for second in 0..<120 { count.count(at: .zero + .seconds(second)) }
        #expect(count.total(at: .zero + .seconds(119)) == 61)
        #expect(count.total(at: .zero + .seconds(300)) == 0)
        #expect(count.nextChange(after: .zero + .seconds(119)) == .zero + .seconds(120))
    }
}
