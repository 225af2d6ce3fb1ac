import MPushConfiguration
import MPushModel
import MPushSupervision
import Testing

/// Which endpoint is tried next, and how long it waits.
@Suite struct SupervisorRoundTests {
    private static let three = ["a:1", "b:2", "c:3"]

    /// Fails everything from the first connect on, and gives the endpoints of each round.
    private func rounds(_ count: Int, of test: inout TestSupervisor) -> [[String]] {
        var rounds: [[String]] = []
        var actions = test.start()
        for _ in 0..<count {
            var round: [String] = []
            while case .attempting = test.supervisor.state {
                round += actions.connects
                actions = test.end(TestSupervisor.refused)
            }
            rounds.append(round)
            actions = test.reachDeadline()
        }
        return rounds
    }

    /// It says nothing of the server, nor of the next one, and may be over soon.
    @Test func aShortageOfThisMachineIsNoAttempt() {
        let cause = LossCause.shortage(detail: "too many open files")
        var test = TestSupervisor(endpoints: Self.three)
        _ = test.start()
        for _ in 0..<50 {
            #expect(test.end(cause).connects == [])
            #expect(test.pendingWait.map { (.seconds(1) ... .seconds(15)).contains($0) } == true)
            #expect(test.reachDeadline().connects == ["a:1"])
        }
        #expect(test.supervisor.failedAttempts == 0)
        if case .failed(let said, let endpoint, _) = test.reports.first {
            #expect(said == cause && endpoint == .of("a:1"))
        } else {
            Issue.record("\(test.reports)")
        }
        #expect(test.reports.count < 5)
        #expect(test.end(TestSupervisor.refused).connects == ["b:2"])
        #expect(test.supervisor.failedAttempts == 1)
    }

    private static let clock = LossCause.clock(
        .notYetValid(detail: "x"), .beforeBuild, at: WallTime(millisecondsSince1970: 0))

    /// A certificate that this machine's clock makes seem bad is worth another attempt as soon as that is set.
    @Test func aWaitForTheClockDoesNotGrowAndEndsWhenItIsSet() {
        var test = TestSupervisor(endpoints: Self.three)
        _ = test.start()
        for _ in 0..<50 {
            #expect(test.end(Self.clock).connects == ["b:2"])
            // What the others say does not count: the clock's is the one that can be mended here.
            #expect(test.end(TestSupervisor.refused).connects == ["c:3"])
            #expect(test.end(TestSupervisor.refused).connects == [])
            #expect(test.supervisor.awaitsClock)
            #expect(test.pendingWait.map { (.seconds(1) ... .seconds(15)).contains($0) } == true)
            test.supervisor.clockSet(at: test.now)
            #expect(test.pendingWait.map { (.zero ... .milliseconds(800)).contains($0) } == true)
            #expect(test.reachDeadline().connects == ["a:1"])
            #expect(!test.supervisor.awaitsClock)
        }
    }

    @Test func theClockEndsNoOtherWait() {
        var test = TestSupervisor(endpoints: ["a:1"])
        _ = test.start()
        _ = test.end(TestSupervisor.refused)
        let wait = test.pendingWait
        test.supervisor.clockSet(at: test.now)
        #expect(test.pendingWait == wait && !test.supervisor.awaitsClock)
    }

    @Test func anAllocatorThatTheClockKeepsFromUsIsAskedAgainAtTheStep() {
        var test = TestSupervisor(endpoints: [], usesAllocator: true)
        _ = test.start()
        _ = test.allocatorFailed(Self.clock)
        #expect(test.supervisor.lastLoss == Self.clock && test.supervisor.awaitsClock)
        test.supervisor.clockSet(at: test.now)
        #expect(test.pendingWait.map { (.zero ... .milliseconds(800)).contains($0) } == true)
        #expect(test.reachDeadline() == [.askAllocator])
    }

    @Test func anAllocatorThatCouldNotBeAskedIsAskedAgainSoon() {
        var test = TestSupervisor(endpoints: [], usesAllocator: true)
        _ = test.start()
        _ = test.end(.shortage(detail: "no thread"))
        #expect(test.pendingWait.map { (.seconds(1) ... .seconds(15)).contains($0) } == true)
        #expect(test.supervisor.failedAttempts == 0)
        #expect(test.reachDeadline() == [.askAllocator])
    }

    @Test func triesEachEndpointInItsOrderAndThenWaits() throws {
        var test = TestSupervisor(endpoints: Self.three)
        #expect(test.start().connects == ["a:1"])
        #expect(test.start() == [])
        #expect(test.end(TestSupervisor.refused).connects == ["b:2"])
        #expect(test.end(TestSupervisor.refused).connects == ["c:3"])
        #expect(test.end(TestSupervisor.refused).connects == [])
        guard case .waiting(let until, let cause) = test.supervisor.state else {
            Issue.record("does not wait")
            return
        }
        #expect(cause == TestSupervisor.refused)
        #expect(test.supervisor.nextAttempt == until)
        #expect(test.supervisor.deadlineReached(at: test.now) == [])
        #expect(test.reachDeadline().connects == ["a:1"])
    }

    @Test func shufflesEachRoundAndLeavesNoneOut() {
        var test = TestSupervisor(endpoints: Self.three, isShuffled: true)
        let rounds = rounds(50, of: &test)
        #expect(rounds.allSatisfy { $0.sorted() == Self.three })
        #expect(Set(rounds).count == 6)
    }

    @Test func theSameSeedGivesTheSameRounds() {
        var one = TestSupervisor(endpoints: Self.three, isShuffled: true, seed: 7)
        var other = TestSupervisor(endpoints: Self.three, isShuffled: true, seed: 7)
        #expect(rounds(20, of: &one) == rounds(20, of: &other))
        #expect(one.now == other.now)
    }

    @Test func waitsAsLongAsThePolicySays() throws {
        for seed in 0..<20 as Range<UInt64> {
            var test = TestSupervisor(seed: seed)
            _ = test.start()
            var longest = Duration.zero
            for _ in 0..<200 {
                _ = test.end(TestSupervisor.refused)
                let wait = try #require(test.pendingWait)
                #expect(wait >= .seconds(1) && wait <= .seconds(120))
                longest = max(longest, wait)
                _ = test.reachDeadline()
            }
            #expect(longest > .seconds(60))
        }
    }

    @Test func theFirstWaitIsShort() throws {
        for seed in 0..<100 as Range<UInt64> {
            var test = TestSupervisor(seed: seed)
            _ = test.start()
            _ = test.end(TestSupervisor.refused)
            #expect(try #require(test.pendingWait) <= .seconds(3))
        }
    }

    // MARK: - What failed last

    @Test func anEndpointThatFailedLastIsTriedLast() {
        var test = TestSupervisor(endpoints: Self.three)
        _ = test.start()
        #expect(test.end(TestSupervisor.refused).connects == ["b:2"])
        test.becomeOnline()
        test.wait(.seconds(100))
        _ = test.end(TestSupervisor.missed)
        #expect(test.reachDeadline().connects == ["b:2"])
        #expect(test.end(TestSupervisor.refused).connects == ["c:3"])
        #expect(test.end(TestSupervisor.refused).connects == ["a:1"])
        // All have failed: their own order holds again.
        _ = test.end(TestSupervisor.refused)
        #expect(test.reachDeadline().connects == ["a:1"])
    }

    /// Online at `b:2`, because `a:1` refused.
    private func onlineAtSecond() -> TestSupervisor {
        var test = TestSupervisor(endpoints: Self.three)
        _ = test.start()
        _ = test.end(TestSupervisor.refused)
        test.becomeOnline()
        return test
    }

    @Test func looksForThePreferredEndpointAndGoesBackToIt() {
        var test = onlineAtSecond()
        let first = test.pendingDeadline
        #expect(first.map { (.seconds(240) ... .seconds(360)).contains($0) } == true)
        #expect(test.reachLimit() == [.probe(.of("a:1"))])
        #expect(test.pendingDeadline == nil)
        #expect(test.probed("a:1", isGood: false) == [])
        #expect(test.pendingDeadline.map { (.seconds(480) ... .seconds(720)).contains($0) } == true)
        #expect(test.reachLimit() == [.probe(.of("a:1"))])
        #expect(test.probed("a:1", isGood: true) == [.close(.preferredEndpoint)])
        let next = test.end(.preferredEndpoint)
        #expect(next.connects == ["a:1"])
        test.becomeOnline()
        #expect(test.pendingDeadline == nil)
    }

    @Test func looksOnceAnHourInTheEnd() {
        var test = onlineAtSecond()
        for _ in 0..<8 {
            _ = test.reachLimit()
            _ = test.probed("a:1", isGood: false)
        }
        #expect(test.pendingDeadline.map { (.seconds(2880) ... .seconds(4320)).contains($0) } == true)
    }

    @Test func whatWasFoundTooLateIsOfNoUse() {
        var test = onlineAtSecond()
        _ = test.reachLimit()
        _ = test.end(TestSupervisor.missed)
        #expect(test.probed("a:1", isGood: true) == [])
    }

    @Test func looksForNothingWhereTheOrderIsByChanceOrTheFirstWorks() {
        var shuffled = TestSupervisor(endpoints: Self.three, isShuffled: true)
        _ = shuffled.start()
        _ = shuffled.end(TestSupervisor.refused)
        shuffled.becomeOnline()
        #expect(shuffled.pendingDeadline == nil)
        #expect(TestSupervisor.online(endpoints: Self.three).pendingDeadline == nil)
    }

    // MARK: - Flapping

    /// The endpoints that are tried after `test` was bound for that long, one after the other.
    private func roundAfter(boundFor: Duration, _ test: inout TestSupervisor) -> [String] {
        test.becomeOnline()
        test.wait(boundFor)
        _ = test.end(TestSupervisor.missed)
        var round = test.reachDeadline().connects
        while case .attempting = test.supervisor.state { round += test.end(TestSupervisor.refused).connects }
        return round
    }

    @Test func anEndpointThatLosesUsTooSoonIsTheLastOfTheNextRound() {
        var test = TestSupervisor(endpoints: Self.three)
        _ = test.start()
        #expect(roundAfter(boundFor: .seconds(59), &test) == ["b:2", "c:3", "a:1"])
        #expect(test.reachDeadline().connects == ["a:1"])
    }

    @Test func anEndpointThatKeptUsIsTheFirstAgain() {
        var test = TestSupervisor(endpoints: Self.three)
        _ = test.start()
        #expect(roundAfter(boundFor: .seconds(60), &test) == ["a:1", "b:2", "c:3"])
    }

    @Test func theOnlyEndpointIsTriedThoughItFlaps() {
        var test = TestSupervisor()
        _ = test.start()
        #expect(roundAfter(boundFor: .seconds(1), &test) == ["a:1"])
    }

    @Test func anEndpointThatFlapsDoesNotKeepUsFromTheOthers() {
        var test = TestSupervisor(endpoints: Self.three)
        var tried = test.start().connects
        for _ in 0..<5 {
            test.becomeOnline()
            _ = test.end(TestSupervisor.missed)
            tried += test.reachDeadline().connects
        }
        #expect(tried == ["a:1", "b:2", "c:3", "a:1", "b:2", "c:3"])
    }

    // MARK: - Reset

    /// Fails often enough that the waits are long, and is then online for that long.
    private func waitsAfter(boundFor: Duration, endedBy end: (inout TestSupervisor) -> Void) -> [Duration] {
        (0..<40 as Range<UInt64>).compactMap { seed in
            var test = TestSupervisor(seed: seed)
            _ = test.start()
            for _ in 0..<30 {
                _ = test.end(TestSupervisor.refused)
                _ = test.reachDeadline()
            }
            test.becomeOnline()
            test.wait(boundFor)
            end(&test)
            return test.pendingWait
        }
    }

    @Test func onlyAConnectionThatStayedBoundResetsTheWaits() throws {
        let short = waitsAfter(boundFor: .milliseconds(59_900)) { _ = $0.end(TestSupervisor.missed) }
        let long = waitsAfter(boundFor: .seconds(60)) { _ = $0.end(TestSupervisor.missed) }
        #expect(short.count == 40 && long.count == 40)
        #expect(try #require(short.max()) > .seconds(30))
        #expect(try #require(long.max()) <= .seconds(3))
    }

    @Test func aConnectionThatWeClosedResetsTheWaitsAsWell() throws {
        let waits = waitsAfter(boundFor: .seconds(60)) { test in
            _ = test.reconnect()
            _ = test.end(.operatorRequest)
            _ = test.end(TestSupervisor.refused)
        }
        #expect(waits.count == 40)
        #expect(try #require(waits.max()) <= .seconds(3))
    }

    // MARK: - Allocator

    @Test func asksTheAllocatorInEachRoundAndKeepsItsOrder() {
        var test = TestSupervisor(endpoints: ["z:9"], isShuffled: true, usesAllocator: true)
        #expect(test.start() == [.askAllocator])
        #expect(test.supervisor.state == .allocating)
        #expect(test.allocated(["b:2", "a:1"]).connects == ["b:2"])
        #expect(test.end(TestSupervisor.refused).connects == ["a:1"])
        #expect(test.end(TestSupervisor.refused).connects == ["z:9"])
        #expect(test.end(TestSupervisor.refused).connects == [])
        #expect(test.reachDeadline() == [.askAllocator])
    }

    /// An allocator that names servers which are gone must not keep us from the one that is there, nor one that is listed
    /// from the allocator's.
    @Test func listedEndpointsComeBehindTheAllocatorsWhateverFailed() {
        var test = TestSupervisor(endpoints: ["y:8", "b:2", "z:9"], usesAllocator: true)
        _ = test.start()
        // The second time what failed last comes last among its own.
        for round in [["a:1", "b:2", "y:8", "z:9"], ["a:1", "b:2", "z:9"]] {
            #expect(test.allocated(["a:1", "b:2"]).connects == ["a:1"])
            for next in round.dropFirst() { #expect(test.end(TestSupervisor.refused).connects == [next]) }
            test.becomeOnline()
            test.wait(.seconds(60))
            _ = test.end(TestSupervisor.missed)
            _ = test.reachDeadline()
        }
    }

    @Test func whatFlapsIsTheLastOfItsOwnAndNotOfAll() {
        var test = TestSupervisor(endpoints: ["z:9"], usesAllocator: true)
        _ = test.start()
        _ = test.allocated(["a:1", "b:2"])
        test.becomeOnline()
        _ = test.end(TestSupervisor.missed)
        _ = test.reachDeadline()
        #expect(test.allocated(["b:2", "a:1"]).connects == ["b:2"])
        #expect(test.end(TestSupervisor.refused).connects == ["a:1"])
        #expect(test.end(TestSupervisor.refused).connects == ["z:9"])
    }

    @Test func onlyTheFirst8OfAnAnswerComeBeforeListedEndpoints() {
        var test = TestSupervisor(endpoints: ["h:9", "z:9"], usesAllocator: true)
        _ = test.start()
        var tried = test.allocated((1...10).map { "h:\($0)" }).connects
        while case .attempting = test.supervisor.state { tried += test.end(TestSupervisor.refused).connects }
        #expect(tried == (1...8).map { "h:\($0)" } + ["h:9", "z:9", "h:10"])
    }

    /// Online at `z:9`, which is listed, because the allocator's `a:1` refused.
    private func onlineBehindTheAllocators() -> TestSupervisor {
        var test = TestSupervisor(endpoints: ["z:9"], isShuffled: true, usesAllocator: true)
        _ = test.start()
        _ = test.allocated(["a:1"])
        _ = test.end(TestSupervisor.refused)
        test.becomeOnline()
        return test
    }

    @Test func goesBackFromAListedEndpointToTheAllocators() {
        var test = onlineBehindTheAllocators()
        #expect(test.reachLimit() == [.probe(.of("a:1"))])
        #expect(test.probed("a:1", isGood: false) == [])
        #expect(test.reachLimit() == [.probe(.of("a:1"))])
        #expect(test.probed("a:1", isGood: true) == [.close(.preferredEndpoint)])
        #expect(test.end(.preferredEndpoint).contains(.askAllocator))
        #expect(test.allocated(["a:1"]).connects == ["a:1"])
        test.becomeOnline()
        #expect(test.pendingDeadline == nil)
    }

    @Test func staysWhereItIsAmongTheAllocators() {
        var test = TestSupervisor(endpoints: ["z:9"], usesAllocator: true)
        _ = test.start()
        _ = test.allocated(["a:1", "b:2"])
        _ = test.end(TestSupervisor.refused)
        test.becomeOnline()
        #expect(test.pendingDeadline == nil)
    }

    @Test func looksForNoServerOfAnAllocatorThatIsNotAskedAnyMore() {
        var test = onlineBehindTheAllocators()
        #expect(test.reconfigure(.of(["z:9"], usesAllocator: true, allocator: "other")) == [])
        #expect(test.reachLimit() == [])
        #expect(test.supervisor.state == .online(.of("z:9"), since: .zero + .seconds(1000)))
    }

    @Test func fallsBackOnTheAllocatorsLastAnswer() {
        var test = TestSupervisor(endpoints: ["z:9"], usesAllocator: true)
        _ = test.start()
        _ = test.allocated(["a:1", "b:2"])
        test.becomeOnline()
        test.wait(.seconds(60))
        _ = test.end(TestSupervisor.missed)
        _ = test.reachDeadline()
        #expect(
            test.allocatorFailed() == [
                .report(.allocatorFailed(detail: "no answer", fallback: .lastAnswer)), .connect(.of("a:1")),
            ])
        #expect(test.end(TestSupervisor.refused).connects == ["b:2"])
        // What it named may be gone.
        #expect(test.end(TestSupervisor.refused).connects == ["z:9"])
        _ = test.end(TestSupervisor.refused)
        _ = test.reachDeadline()
        #expect(test.allocatorFailed() == [.connect(.of("a:1"))])
    }

    @Test func goesOnWhereItWasWellWhileTheAllocatorIsAway() {
        var test = TestSupervisor(endpoints: ["a:1", "z:9"], usesAllocator: true)
        _ = test.start()
        #expect(test.allocatorFailed(last: [.of("a:1"), .of("b:2")]).connects == ["a:1"])
        #expect(test.end(TestSupervisor.refused).connects == ["b:2"])
        // Each once.
        #expect(test.end(TestSupervisor.refused).connects == ["z:9"])
        test.becomeOnline()
        test.wait(.seconds(60))
        _ = test.end(TestSupervisor.missed)
        _ = test.reachDeadline()
        #expect(test.allocatorFailed().connects == ["z:9"])
    }

    /// What an earlier process, or another identity, was told.
    @Test func fallsBackOnWhatTheAllocatorSaidBeforeTheStart() {
        var test = TestSupervisor(endpoints: ["z:9"], usesAllocator: true)
        _ = test.start()
        let known = test.allocatorFailed(last: [.of("a:1"), .of("b:2")])
        #expect(known.connects == ["a:1"])
        #expect(test.reports == [.allocatorFailed(detail: "no answer", fallback: .lastAnswer)])
    }

    @Test func fallsBackOnTheConfiguredEndpoints() {
        var test = TestSupervisor(endpoints: ["y:8", "z:9"], usesAllocator: true)
        _ = test.start()
        #expect(
            test.allocatorFailed() == [
                .report(.allocatorFailed(detail: "no answer", fallback: .configuredEndpoints)), .connect(.of("y:8")),
            ])
    }

    /// Attempts that a shortage ends are not counted, but what was said was said.
    @Test func anAllocatorThatIsAwayDuringAShortageIsReportedOnce() {
        var test = TestSupervisor(endpoints: ["y:8"], usesAllocator: true)
        _ = test.start()
        let report = SupervisorAction.report(
            .allocatorFailed(detail: "no answer", fallback: .configuredEndpoints))
        #expect(test.allocatorFailed() == [report, .connect(.of("y:8"))])
        for _ in 0..<3 {
            _ = test.end(.shortage(detail: "Too many open files"))
            #expect(test.reachDeadline() == [.askAllocator])
            #expect(test.allocatorFailed() == [.connect(.of("y:8"))])
        }
        // Once it was there, or a connection was, it is news again.
        test.becomeOnline()
        _ = test.end(TestSupervisor.missed)
        _ = test.reachDeadline()
        #expect(test.allocatorFailed() == [report, .connect(.of("y:8"))])
        _ = test.end(.shortage(detail: "Too many open files"))
        _ = test.reachDeadline()
        _ = test.allocated(["y:8"])
        _ = test.end(.shortage(detail: "Too many open files"))
        _ = test.reachDeadline()
        #expect(test.allocatorFailed().first == .report(.allocatorFailed(detail: "no answer", fallback: .lastAnswer)))
    }

    @Test func waitsWhereNothingTakesTheAllocatorsPlace() throws {
        var test = TestSupervisor(endpoints: [], usesAllocator: true)
        _ = test.start()
        let actions = test.allocatorFailed()
        let wait = try #require(test.pendingWait)
        #expect(actions == [.report(.failed(.allocator(detail: "no answer"), at: nil, next: wait))])
        #expect(wait >= .seconds(1))
        #expect(test.reachDeadline() == [.askAllocator])
    }

    @Test func anEmptyAnswerIsNone() {
        var test = TestSupervisor(endpoints: ["z:9"], usesAllocator: true)
        _ = test.start()
        #expect(test.allocated([]).connects == ["z:9"])
    }

    @Test func usesNoMoreThanTheFirst64OfAnAnswer() {
        var test = TestSupervisor(endpoints: [], usesAllocator: true)
        _ = test.start()
        var actions = test.allocated((1...100).map { "h:\($0)" })
        var connects = 0
        while !actions.connects.isEmpty {
            connects += 1
            actions = test.end(TestSupervisor.refused)
        }
        #expect(connects == 64)
    }

    @Test func anAnswerThatNobodyWaitsForIsIgnored() {
        var test = TestSupervisor.online()
        #expect(test.allocated(["b:2"]) == [])
        #expect(test.allocatorFailed() == [])
    }

    @Test func aPlanWithoutServersWaitsAndSaysSo() throws {
        var test = TestSupervisor(endpoints: [])
        let actions = test.start()
        let wait = try #require(test.pendingWait)
        let cause = LossCause.allocator(detail: "no server is configured")
        #expect(actions == [.report(.failed(cause, at: nil, next: wait))])
    }
}
