import MPushModel
import Testing

@testable import MPushRouting

/// What a route does next, in simulated time.
@Suite struct RouteScheduleTests {
    private func bench(
        concurrency: Int = 1, attempts: Int = 3, shortest: Duration = .seconds(1), longest: Duration = .seconds(60)
    ) -> RouteScheduleBench {
        RouteScheduleBench(
            RouteSchedule.Settings(
                concurrency: concurrency,
                retry: RetryPolicy(attempts: attempts, shortestWait: shortest, longestWait: longest)))
    }

    @Test func oneAfterTheOtherWithoutAskingTheInbox() {
        var bench = bench()
        bench.store([true, true, true])
        for position in (1...3).positions {
            #expect(bench.running == [position])
            bench.end(position, .confirmed)
        }
        #expect(bench.fetches.isEmpty && bench.disk.cursor == 3 && bench.held.isEmpty && bench.violations == [])
    }

    @Test func aFailureHoldsUpTheOnesBehindIt() {
        var bench = bench()
        bench.store([true, true])
        bench.end(1, .failed("no", retryAfter: nil))
        #expect(bench.running == [])
        bench.pass(.milliseconds(800))
        #expect(bench.running == [])
        bench.pass(.milliseconds(200))
        #expect(bench.running == [1])
        bench.end(1, .confirmed)
        #expect(bench.running == [2])
    }

    @Test func withMoreAtOnceTheOthersGoOn() {
        var bench = bench(concurrency: 2)
        bench.store([true, true, true, true])
        #expect(bench.running == [1, 2])
        bench.end(1, .failed("no", retryAfter: nil))
        #expect(bench.running == [2, 3])
        bench.end(3, .confirmed)
        #expect(bench.disk.cursor == 0 && bench.disk.settledAhead == [3])
        bench.end(2, .confirmed)
        bench.pass(.seconds(1))
        bench.end(4, .confirmed)
        bench.end(1, .confirmed)
        #expect(bench.disk.cursor == 4 && bench.disk.settledAhead == [] && bench.violations == [])
    }

    @Test func waitsDoubleUpToTheLongest() {
        var bench = bench(attempts: 20, longest: .seconds(10))
        bench.store([true])
        var waits: [Duration] = []
        for _ in 0..<8 {
            let from = bench.now
            bench.end(1, .failed("no", retryAfter: nil))
            while bench.running.isEmpty { bench.pass(.milliseconds(10)) }
            waits.append(bench.now - from)
        }
        for (wait, whole) in zip(waits, [1, 2, 4, 8, 10, 10, 10, 10]) {
            #expect(wait <= .seconds(whole) + .milliseconds(10) && wait >= .seconds(whole) * 0.9, "\(wait), \(whole)")
        }
        #expect(Set(waits.suffix(4)).count > 1)
    }

    @Test func retryAfterHoldsTheWholeRouteUpToAnHour() {
        var bench = bench(concurrency: 4)
        bench.store([true, true])
        bench.end(1, .failed("503", retryAfter: .seconds(100)))
        bench.end(2, .confirmed)
        bench.store([true])
        bench.pass(.seconds(99))
        #expect(bench.running == [])
        bench.pass(.seconds(1))
        #expect(bench.running == [1, 3])
        bench.end(3, .failed("503", retryAfter: .seconds(1_000_000)))
        bench.pass(.seconds(3599))
        #expect(bench.running == [1])
        bench.pass(.seconds(1))
        #expect(bench.running == [1, 3])
    }

    @Test func afterItsAttemptsItIsBuried() {
        var bench = bench(attempts: 2)
        bench.store([true, true])
        bench.end(1, .failed("no", retryAfter: nil))
        bench.pass(.seconds(1))
        bench.end(1, .failed("no", retryAfter: nil))
        #expect(bench.disk.dead.isEmpty && bench.running == [2])
        bench.end(2, .confirmed)
        #expect(bench.disk.dead == [1: 2] && bench.disk.cursor == 2 && bench.running == [])
    }

    @Test func whatIsRejectedIsBuriedAtOnce() {
        var bench = bench(concurrency: 2)
        bench.store([true, true])
        bench.end(2, .rejected("404"))
        #expect(bench.disk.dead == [2: 1] && bench.disk.cursor == 0)
        bench.end(1, .confirmed)
        #expect(bench.disk.cursor == 2)
    }

    @Test func attemptsAreCountedOverACrash() {
        var bench = bench(attempts: 3)
        bench.store([true, true])
        for _ in 0..<2 {
            bench.end(1, .failed("no", retryAfter: nil))
            bench.crash()
            bench.answerFetch()
            bench.pass(.seconds(10))
        }
        bench.end(1, .failed("no", retryAfter: nil))
        bench.end(2, .confirmed)
        #expect(bench.disk.dead == [1: 3] && bench.running == [])
    }

    @Test func anAbandonedAttemptCountsForNothing() {
        var bench = bench(attempts: 1)
        bench.store([true])
        bench.end(1, .abandoned)
        #expect(bench.running == [1] && bench.disk.attempted.isEmpty && bench.disk.dead.isEmpty)
    }

    @Test func aFilterThatWantsNothingCostsFewWrites() {
        var bench = bench()
        for _ in 0..<10_000 { bench.store([false]) }
        #expect(bench.writes < 30)
        bench.pass(.seconds(10))
        #expect(bench.disk.cursor == 10_000 && bench.deadline == nil)
    }

    @Test func aRouteThatIsBehindReadsPagesAndIsLevelAgain() {
        var bench = bench()
        bench.store(Array(repeating: true, count: 500), handingOver: false)
        bench.store([true])
        var most = 0
        for position in (1...501).positions {
            while bench.running.isEmpty, !bench.fetches.isEmpty { bench.answerFetch(limit: 40) }
            bench.end(position, .confirmed)
            most = max(most, bench.held.count)
        }
        #expect(bench.schedule.isLevel && bench.violations == [])
        #expect(most <= RouteSchedule.mostMessages)
    }

    @Test func aStuckRouteHoldsNoMoreThanItsWindow() {
        var bench = bench(concurrency: 2)
        for _ in 0..<1000 {
            bench.store([true])
            bench.answerFetch()
        }
        #expect(bench.mostHeld <= RouteSchedule.mostMessages)
        #expect(bench.schedule.waiting + bench.schedule.running == 1000)
    }

    @Test func bigMessagesFillTheWindowSooner() {
        var bench = bench()
        bench.size = RouteSchedule.mostBytes / 2
        for _ in 0..<10 { bench.store([true]) }
        #expect(bench.held.count == 2)
    }

    @Test func settledAheadIsBounded() {
        var bench = bench(concurrency: 2)
        bench.store([true])
        for position in (2...6000).positions {
            bench.store([true])
            bench.answerFetch()
            if bench.running.contains(position) { bench.end(position, .confirmed) }
        }
        #expect(bench.disk.settledAhead.count <= RouteSchedule.mostAhead + RouteSchedule.mostMessages)
        bench.end(1, .confirmed)
        #expect(bench.disk.settledAhead.isEmpty && bench.violations == [])
    }

    @Test func deadLettersAreSentAgainBesideTheOthers() {
        var bench = bench()
        bench.store([true, true, true, true])
        bench.end(1, .rejected("no"))
        bench.end(2, .rejected("no"))
        bench.sendAgain()
        bench.end(3, .confirmed)
        #expect(bench.returnedFetches == [1])
        bench.answerFetch()
        #expect(bench.running == [1])
        bench.end(1, .confirmed)
        #expect(bench.running == [4])
        bench.end(4, .confirmed)
        bench.answerFetch()
        bench.end(2, .failed("no", retryAfter: nil))
        bench.store([true])
        #expect(bench.running == [5])
        bench.end(5, .confirmed)
        bench.pass(.seconds(1))
        bench.answerFetch()
        bench.end(2, .confirmed)
        #expect(bench.disk.returned.isEmpty && bench.disk.dead.isEmpty && bench.violations == [])
    }

    @Test func aReturnedOneThatIsGoneIsForgotten() {
        var schedule = RouteSchedule(
            bench().settings, past: ConsumerProgress(cursor: 5, returned: [2]), newest: 5, seed: 1, at: .zero)
        #expect(schedule.begin(at: .zero) == [.fetchReturned(2)])
        #expect(schedule.fetchedReturned(2, isThere: false, at: .zero) == [.record([.settled(2)])])
    }

    @Test func aReturnedOneAheadOfTheCursorIsNotDeliveredTwice() {
        var schedule = RouteSchedule(
            bench(concurrency: 2).settings, past: ConsumerProgress(cursor: 3, returned: [5]), newest: 5, seed: 1,
            at: .zero)
        _ = schedule.begin(at: .zero)
        #expect(schedule.fetchedReturned(5, isThere: true, at: .zero).contains(.start(5, attempt: 1)))
        _ = schedule.attemptEnded(5, .confirmed, at: .zero)
        let offers = (4...5).positions.map { RouteSchedule.Offer(position: $0, size: 1, isWanted: true) }
        #expect(!schedule.fetched(offers, at: .zero).contains(.start(5, attempt: 1)))
        #expect(schedule.running == 1)
    }

    @Test func aFailingInboxIsAskedAgainLater() {
        var bench = bench()
        bench.store([true], handingOver: false)
        bench.crash()
        bench.answerFetch(failing: true)
        #expect(bench.fetches.isEmpty && bench.deadline != nil)
        bench.pass(.seconds(30))
        bench.answerFetch()
        #expect(bench.running == [1])
    }

    /// The pause, or the hold, came while the inbox was asked for it.
    @Test func aReturnedOneStartsNeitherInAPauseNorInAHold() {
        var schedule = RouteSchedule(
            bench(concurrency: 2).settings, past: ConsumerProgress(cursor: 5, returned: [2]), newest: 5, seed: 1,
            at: .zero)
        #expect(schedule.begin(at: .zero) == [.fetchReturned(2)])
        _ = schedule.paused(true, at: .zero)
        #expect(schedule.fetchedReturned(2, isThere: true, at: .zero) == [.forget(2)])
        #expect(schedule.running == 0 && schedule.waiting == 1)
        #expect(schedule.paused(false, at: .zero) == [.fetchReturned(2)])
        let offer = RouteSchedule.Offer(position: 6, size: 1, isWanted: true)
        #expect(schedule.stored([offer], at: .zero).contains(.start(6, attempt: 1)))
        let hold = schedule.attemptEnded(6, .failed("503", retryAfter: .seconds(9)), at: .zero)
        #expect(hold.contains(.setDeadline(.zero + .seconds(9))))
        #expect(schedule.fetchedReturned(2, isThere: true, at: .zero) == [.forget(2)])
        #expect(schedule.deadlineReached(at: .zero + .seconds(9)).contains(.fetchReturned(2)))
        #expect(schedule.fetchedReturned(2, isThere: true, at: .zero + .seconds(9)).contains(.start(2, attempt: 1)))
    }

    @Test func nothingStartsWhileNothingCanBeRecorded() {
        var schedule = RouteSchedule(
            bench().settings, past: ConsumerProgress(cursor: 0), newest: 0, seed: 1, at: .zero)
        _ = schedule.paused(true, at: .zero)
        let offer = RouteSchedule.Offer(position: 1, size: 1, isWanted: true)
        #expect(!schedule.stored([offer], at: .zero).contains(.start(1, attempt: 1)))
        #expect(schedule.paused(false, at: .zero).contains(.start(1, attempt: 1)))
    }

    @Test func afterTheEndNothingStarts() {
        var schedule = RouteSchedule(
            bench().settings, past: ConsumerProgress(cursor: 0), newest: 0, seed: 1, at: .zero)
        _ = schedule.stored(
            [.init(position: 1, size: 1, isWanted: false), .init(position: 2, size: 1, isWanted: true)], at: .zero)
        #expect(schedule.stopped(at: .zero).contains(.record([.advanced(to: 1)])))
        #expect(!schedule.attemptEnded(2, .abandoned, at: .zero).contains(.start(2, attempt: 1)))
    }

    /// A day without descriptors: nothing is given up for it, what comes next waits as well, and then all goes on.
    @Test(arguments: [1, 4]) func aShortageOfOurOwnIsNoAttempt(concurrency: Int) {
        var bench = RouteScheduleBench(
            RouteSchedule.Settings(concurrency: concurrency, retry: RetryPolicy(attempts: 2)))
        bench.store([true, true, true])
        var tries = 0
        while bench.now < .zero + .seconds(86_400) {
            for position in bench.running {
                bench.end(position, .postponed("no descriptors"))
                tries += 1
            }
            #expect(bench.running.isEmpty && bench.schedule.nextAttempt != nil)
            bench.pass(.seconds(30))
        }
        #expect(bench.buried.isEmpty && bench.disk.attempted.isEmpty)
        // With back-off.
        #expect(tries <= 2880 * concurrency)
        while let position = bench.running.first {
            bench.end(position, .confirmed)
            bench.pass(.seconds(30))
        }
        #expect(bench.confirmed == [1: 1, 2: 1, 3: 1] && bench.violations == [])
    }

    @Test func aShortageBuriesNoDeadLetterAgain() {
        var bench = RouteScheduleBench(RouteSchedule.Settings(concurrency: 1, retry: RetryPolicy(attempts: 1)))
        bench.store([true])
        bench.end(1, .rejected("no"))
        bench.sendAgain()
        bench.answerFetch()
        for _ in 0..<10 {
            #expect(bench.running == [1])
            bench.end(1, .postponed("no descriptors"))
            #expect(bench.running == [])
            bench.pass(.seconds(60))
            bench.answerFetch()
        }
        #expect(bench.buried == [1: 1])
        bench.end(1, .confirmed)
        #expect(bench.confirmed == [1: 1] && bench.violations == [])
    }

    /// What a message costs does not grow with the dead letters that are sent again with it: this takes hours where it does.
    @Test(.timeLimit(.minutes(1))) func aHundredThousandDeadLettersAreSentAgainInTheirTurn() {
        let letters = (1...100_000).positions
        var schedule = RouteSchedule(
            bench().settings, past: ConsumerProgress(cursor: 100_000, returned: letters), newest: 100_000, seed: 1,
            at: .zero)
        var actions = schedule.begin(at: .zero)
        #expect(schedule.waiting == letters.count)
        for letter in letters {
            #expect(actions.contains(.fetchReturned(letter)))
            _ = schedule.fetchedReturned(letter, isThere: true, at: .zero)
            #expect(schedule.running == 1)
            actions = schedule.attemptEnded(letter, .confirmed, at: .zero)
        }
        #expect(schedule.waiting == 0 && schedule.running == 0)
    }
}
