import MPushModel
import Testing

@testable import MPushRouting

/// A route whose messages under way are all one program's.
@Suite struct RouteScheduleStreamTests {
    private func bench(_ window: Int = 8, messages: Int = 20, attempts: Int = 3) -> RouteScheduleBench {
        var bench = RouteScheduleBench(
            RouteSchedule.Settings(concurrency: window, retry: RetryPolicy(attempts: attempts), isStream: true))
        bench.store(Array(repeating: true, count: messages))
        return bench
    }

    /// What the program's end has undone comes again as it came: the first alone, to see whether it works again, and
    /// then the others.
    @Test func whatAnEndHasUndoneComesAgainInOrder() {
        var bench = bench()
        #expect(bench.running == (1...8).positions)
        bench.end(together: [1, 3])
        #expect(bench.running == [2, 4, 5, 6, 7, 8, 9, 10])
        for position in bench.running { bench.end(position, .unavailable("ended")) }
        #expect(bench.running.isEmpty && bench.schedule.targetDownSince != nil)
        bench.pass(.seconds(3))
        #expect(bench.running == [2])
        bench.end(2, .confirmed)
        #expect(bench.running == [4, 5, 6, 7, 8, 9, 10, 11])
        #expect(bench.buried.isEmpty && bench.violations == [])
    }

    /// The message that kills the program is found: it comes alone, and fails alone.
    @Test func theMessageThatKillsTheProgramIsTheOnlyOneThatIsGivenUp() {
        var bench = bench(messages: 40)
        var (rounds, tries) = (0, 0)
        while bench.confirmed.count < 39, rounds < 1000 {
            rounds += 1
            // The program takes messages in their order, and dies of the fifth.
            while let position = bench.running.first, position != 5 { bench.end(position, .confirmed) }
            guard bench.running.first == 5 else {
                if !bench.fetches.isEmpty { bench.answerFetch() } else { bench.pass(.seconds(1)) }
                continue
            }
            tries += 1
            let all = bench.running
            for position in all {
                bench.end(position, all.count == 1 ? .failed("died", retryAfter: nil) : .unavailable("died"))
            }
        }
        #expect(bench.confirmed.count == 39 && bench.buried == [5: 1] && bench.violations == [])
        #expect(tries < 20, "\(tries)")
    }

    /// A wait that the program asks for is that message's: others go on.
    @Test func aWaitIsTheMessagesOwn() {
        var bench = bench(2)
        bench.end(1, .failed("locked", retryAfter: .seconds(60)))
        #expect(bench.running == [2, 3])
        bench.end(2, .confirmed)
        #expect(bench.running == [3, 4] && bench.schedule.targetDownSince == nil)
        bench.pass(.seconds(59))
        #expect(!bench.running.contains(1))
        bench.end(3, .confirmed)
        bench.pass(.seconds(2))
        bench.end(4, .confirmed)
        #expect(bench.running.contains(1))
    }

    /// Also where several ask for one, so that the target seems to be down: others are tried, and none comes before its time.
    @Test func waitsOfSeveralAreTheirOwnToo() {
        var bench = bench(3, messages: 6)
        bench.end(1, .failed("locked", retryAfter: .seconds(600)))
        bench.end(2, .failed("locked", retryAfter: .seconds(600)))
        bench.end(3, .failed("locked", retryAfter: .seconds(600)))
        #expect(bench.schedule.targetDownSince != nil)
        for _ in 0..<30 where bench.confirmed.isEmpty {
            if let position = bench.running.first { bench.end(position, .confirmed) } else { bench.pass(.seconds(1)) }
        }
        #expect(!bench.confirmed.isEmpty)
        while let position = bench.running.first { bench.end(position, .confirmed) }
        #expect(bench.confirmed.count == 3)
        bench.pass(.seconds(500))
        #expect(bench.running.isEmpty)
        bench.pass(.seconds(101))
        #expect(bench.running == (1...3).positions && bench.violations == [])
    }

    /// Twice as many as may be under way are in memory, so that none waits for the inbox.
    @Test func asManyAreInMemoryAsTheWindowNeeds() {
        var bench = bench(200, messages: 0)
        bench.store(Array(repeating: true, count: 1000), handingOver: false)
        bench.store([true])
        #expect(bench.fetches.map(\.limit) == [400])
        bench.answerFetch()
        #expect(bench.running.count == 200 && bench.fetches.isEmpty)
        #expect(bench.mostHeld == 400)
        bench.end(together: Array((1...200 as ClosedRange<Int64>).positions))
        #expect(bench.running.count == 200 && bench.fetches.map(\.limit) == [200])
        #expect(bench.violations == [])
    }

    /// Together or one by one: the same is recorded, and the same is started next.
    @Test func togetherIsTheSameAsOneByOne() {
        var random = SplitMix64(seed: 7)
        for _ in 0..<200 {
            var (one, all) = (bench(), bench())
            for _ in 0..<6 {
                let ended = one.running.filter { _ in Bool.random(using: &random) }.shuffled(using: &random)
                for position in ended { one.end(position, .confirmed) }
                all.end(together: ended)
                #expect(one.running.sorted() == all.running.sorted() && one.disk == all.disk)
                if let position = one.running.randomElement(using: &random), Bool.random(using: &random) {
                    one.end(position, .failed("no", retryAfter: nil))
                    all.end(position, .failed("no", retryAfter: nil))
                }
                #expect(one.schedule.waiting == all.schedule.waiting)
                #expect(one.held == all.held)
            }
            #expect(one.violations == [] && all.violations == [])
        }
    }

    /// What costs a write one by one costs one together.
    @Test func whatEndsTogetherIsRecordedTogether() {
        var bench = bench()
        let writes = bench.writes
        bench.end(together: [1, 2, 3, 4, 5, 6, 7, 8])
        #expect(bench.writes == writes + 1 && bench.disk.cursor == 8 && bench.confirmed.count == 8)
        bench.end(together: [10, 12])
        #expect(bench.disk.cursor == 8 && bench.disk.settledAhead == [10, 12])
        bench.crash()
        bench.answerFetch()
        #expect(bench.running == [9, 11, 13, 14, 15, 16, 17, 18] && bench.violations == [])
    }

    /// One that nobody asked about, or twice, changes nothing.
    @Test func whatDoesNotRunIsNotConfirmed() {
        let bench = bench(2)
        #expect(bench.schedule.confirmedForTest([9, 30]) == [])
        #expect(bench.disk.cursor == 0 && bench.running == [1, 2])
    }
}

extension RouteSchedule {
    fileprivate func confirmedForTest(_ positions: [Position]) -> [Action] {
        var schedule = self
        return schedule.confirmed(positions, at: .zero).filter {
            if case .setDeadline = $0 { false } else { true }
        }
    }
}
