import MPushModel
import Testing

@testable import MPushRouting

/// A target that is down is not a bad message, and a bad message does not stand for its target.
@Suite struct RouteScheduleOutageTests {
    private static let outage = Duration.seconds(12 * 3600)

    private func bench(concurrency: Int, attempts: Int = 10, messages: Int = 100) -> RouteScheduleBench {
        var bench = RouteScheduleBench(
            RouteSchedule.Settings(concurrency: concurrency, retry: RetryPolicy(attempts: attempts)))
        bench.store(Array(repeating: true, count: messages))
        return bench
    }

    /// How a target behaves for a while: what it says to each message. Returns how often it was asked.
    private func run(
        _ bench: inout RouteScheduleBench, for duration: Duration, answer: (MessagePosition) -> AttemptResult
    ) -> Int {
        let end = bench.now + duration
        var attempts = 0
        while bench.now < end {
            if let position = bench.running.first {
                attempts += 1
                bench.end(position, answer(position))
            } else if !bench.fetches.isEmpty || !bench.returnedFetches.isEmpty {
                bench.answerFetch()
            } else if let deadline = bench.deadline {
                bench.pass(min(deadline, end) - bench.now)
            } else {
                bench.pass(end - bench.now)
            }
        }
        return attempts
    }

    private static let absent: [AttemptResult] = [
        .failed("503", retryAfter: nil), .unavailable("refused"), .failed("503", retryAfter: .seconds(30)),
    ]

    @Test(arguments: [1, 4], absent)
    func halfADayOfOutageLosesNothing(concurrency: Int, result: AttemptResult) {
        for attempts in [1, 3, 10] {
            var bench = bench(concurrency: concurrency, attempts: attempts)
            let probes = run(&bench, for: Self.outage) { _ in result }
            // The waits grow to five minutes, less a tenth at most; several may be under way when it begins.
            #expect(probes <= 12 * 60 / 5 * 10 / 9 + 15 + concurrency, "\(probes)")
            #expect(bench.buried.isEmpty && bench.confirmed.isEmpty)
            #expect(bench.schedule.waiting == 100)
            if concurrency > 1 || result == .unavailable("refused") || attempts < 10 {
                #expect(bench.schedule.targetDownSince.map { $0 < .zero + .seconds(120) } == true)
            }
            var order: [MessagePosition] = []
            // Twice the longest wait, and then as quickly as without an outage: no time passes between them.
            _ = run(&bench, for: .seconds(601)) {
                order.append($0)
                return .confirmed
            }
            #expect(
                bench.buried.isEmpty && bench.confirmed.count == 100 && bench.confirmed.values.allSatisfy { $0 == 1 })
            #expect(bench.schedule.targetDownSince == nil && bench.violations == [])
            if concurrency == 1 { #expect(order == order.sorted()) }
        }
    }

    @Test(arguments: [1, 4], [1, 2, 10])
    func aPoisonousMessageLeavesWithinItsAttemptsAndIsTheOnlyOne(concurrency: Int, attempts: Int) {
        var bench = bench(concurrency: concurrency, attempts: attempts)
        var tries = 0
        _ = run(&bench, for: .seconds(601)) { position in
            guard position == 50 else { return .confirmed }
            tries += 1
            return .failed("500", retryAfter: nil)
        }
        // On a route of several at once nothing else may come after it.
        if concurrency == 1 { #expect(bench.buried == [50: 1] && tries == attempts) }
        bench.store([true, true, true])
        _ = run(&bench, for: .seconds(601)) { $0 == 50 ? .failed("500", retryAfter: nil) : .confirmed }
        #expect(bench.buried == [50: 1] && bench.confirmed.count == 102 && bench.violations == [])
    }

    /// An outage with a bad message at its head: the outage is waited for, and then the bad one leaves, alone.
    @Test(arguments: [1, 4], absent)
    func aPoisonousMessageDoesNotOutlastAnOutage(concurrency: Int, result: AttemptResult) {
        var bench = bench(concurrency: concurrency, attempts: 3)
        _ = run(&bench, for: Self.outage) { _ in result }
        bench.store([true])
        _ = run(&bench, for: .seconds(4 * 3600)) { $0 == 1 ? .failed("500", retryAfter: nil) : .confirmed }
        bench.store([true])
        _ = run(&bench, for: .seconds(3600)) { $0 == 1 ? .failed("500", retryAfter: nil) : .confirmed }
        #expect(bench.buried == [1: 1] && bench.confirmed.count == 101 && bench.violations == [])
    }

    /// With nothing else to try there is no telling whose fault it is: it is tried again, and nothing is given up.
    @Test func theOnlyMessageWaits() {
        var bench = bench(concurrency: 1, attempts: 2, messages: 1)
        let tries = run(&bench, for: Self.outage) { _ in .failed("500", retryAfter: nil) }
        #expect(tries > 100 && bench.buried.isEmpty)
        bench.store([true])
        _ = run(&bench, for: .seconds(301)) { $0 == 1 ? .failed("500", retryAfter: nil) : .confirmed }
        #expect(bench.buried == [1: 1] && bench.confirmed == [2: 1])
    }

    /// Dead letters that are sent again are given up once more for what they fail for, and not for an outage.
    @Test func aReturnedOneIsJudgedInTheSameWay() {
        var bench = bench(concurrency: 1, attempts: 2, messages: 3)
        _ = run(&bench, for: .seconds(60)) { $0 == 2 ? .rejected("no") : .confirmed }
        bench.sendAgain()
        _ = run(&bench, for: Self.outage) { _ in .unavailable("refused") }
        bench.store([true, true])
        _ = run(&bench, for: Self.outage) { _ in .failed("503", retryAfter: nil) }
        #expect(bench.buried == [2: 1])
        for _ in 0..<5 {
            _ = run(&bench, for: .seconds(601)) { $0 == 2 ? .failed("500", retryAfter: nil) : .confirmed }
            bench.store([true])
        }
        #expect(bench.buried == [2: 2] && bench.violations == [])
    }

    /// What failed while nothing else was tried may have failed for the target: once another one goes through, one more attempt
    /// decides.
    @Test(arguments: [false, true])
    func failuresThatNothingHasProvenAreNotEnough(isPoison: Bool) {
        var bench = bench(concurrency: 4, attempts: 3, messages: 1)
        _ = run(&bench, for: Self.outage) { _ in .failed("reset", retryAfter: nil) }
        bench.store([true])
        #expect(bench.running == [2])
        bench.end(2, .confirmed)
        #expect(bench.buried.isEmpty && bench.running == [1])
        bench.end(1, isPoison ? .failed("reset", retryAfter: nil) : .confirmed)
        #expect(bench.buried == (isPoison ? [1: 1] : [:]) && bench.schedule.targetDownSince == nil)
        #expect(bench.violations == [])
    }

    /// As above, with an outage that begins before that attempt.
    @Test func theLastAttemptDecidesOnlyWhereTheTargetIsWell() {
        var bench = bench(concurrency: 4, attempts: 3, messages: 1)
        _ = run(&bench, for: Self.outage) { _ in .failed("reset", retryAfter: nil) }
        bench.store([true])
        bench.end(2, .confirmed)
        bench.end(1, .unavailable("refused"))
        _ = run(&bench, for: Self.outage) { _ in .failed("reset", retryAfter: nil) }
        #expect(bench.buried.isEmpty && bench.running.isEmpty)
    }

    /// An outage that is seen as one leaves nothing behind that a later failure could add to, also after a restart.
    @Test(arguments: [1, 4])
    func anOutageLeavesNoFailures(concurrency: Int) {
        var bench = bench(concurrency: concurrency, attempts: 3)
        _ = run(&bench, for: Self.outage) { _ in .failed("reset", retryAfter: nil) }
        #expect(bench.disk.attempted.values.allSatisfy { $0.attempts == 0 }, "\(bench.disk.attempted)")
        bench.crash()
        var tries = 0
        _ = run(&bench, for: .seconds(601)) { position in
            guard position == 1, tries < 2 else { return .confirmed }
            tries += 1
            return .failed("reset", retryAfter: nil)
        }
        #expect(bench.buried.isEmpty && bench.confirmed.count == 100 && tries == 2 && bench.violations == [])
    }

    /// What is under way when another was confirmed says nothing of the target after that.
    @Test func anEarlierConfirmationProvesNothing() {
        var bench = bench(concurrency: 2, attempts: 1, messages: 3)
        bench.end(1, .failed("500", retryAfter: nil))
        #expect(bench.running == [2, 3])
        bench.end(2, .confirmed)
        #expect(bench.buried.isEmpty)
        bench.end(3, .confirmed)
        #expect(bench.buried == [1: 1])
    }

    /// As when the clock is set by which its certificate was not valid yet.
    @Test func whatMayHaveBroughtTheTargetBackEndsTheWait() {
        var bench = bench(concurrency: 1)
        _ = run(&bench, for: Self.outage) { _ in .unavailable("refused") }
        #expect(bench.running.isEmpty)
        bench.targetMayBeBack()
        #expect(bench.running == [1])
        bench.end(1, .unavailable("refused"))
        #expect(bench.running.isEmpty && bench.buried.isEmpty)
        bench.targetMayBeBack()
        bench.end(1, .confirmed)
        let running = bench.running
        bench.targetMayBeBack()
        #expect(bench.running == running && bench.confirmed == [1: 1])
    }

    @Test func otherSettingsTryAtOnce() {
        var bench = bench(concurrency: 1)
        _ = run(&bench, for: Self.outage) { _ in .unavailable("refused") }
        bench.reconfigure(bench.settings)
        bench.answerFetch()
        #expect(bench.running == [1] && bench.schedule.targetDownSince == nil)
    }

    /// Bad messages behind each other are not taken for a target that is down for ever.
    @Test(arguments: [2, 3, 5])
    func badMessagesInARowLeaveTheRoute(count: Int64) {
        var bench = bench(concurrency: 1, messages: 20)
        _ = run(&bench, for: .seconds(24 * 3600)) {
            $0.rawValue <= count ? .failed("500", retryAfter: nil) : .confirmed
        }
        #expect(bench.buried.keys.sorted() == (1...count).map { MessagePosition(rawValue: $0) })
        #expect(bench.confirmed.count == 20 - Int(count) && bench.violations == [])
    }
}
