import MPushModel
import Testing

@testable import MPushRouting

/// Random facts, a hundred thousand of them, crashes among them: nothing is lost, nothing twice but after a crash.
@Suite struct RouteScheduleRandomTests {
    private struct Chance {
        var generator: SplitMix64

        mutating func roll(_ sides: Int) -> Int { Int.random(in: 0..<sides, using: &generator) }
    }

    @Test(arguments: 1...40)
    func nothingIsLost(seed: Int) {
        var chance = Chance(generator: SplitMix64(seed: UInt64(seed)))
        let concurrency = [1, 1, 2, 5][seed % 4]
        let policy = RetryPolicy(attempts: 1 + seed % 4, shortestWait: .seconds(1), longestWait: .seconds(20))
        let batch = seed % 3 == 0 ? BatchLimits(messages: 2 + seed % 7, bytes: 100 * (1 + seed % 9)) : .single
        let keys = seed % 2 == 0 ? 1 + Int64(seed % 5) : nil
        var bench = RouteScheduleBench(
            RouteSchedule.Settings(
                concurrency: concurrency, retry: policy, batch: batch, isOrderedByKey: keys != nil))
        bench.key = { position in keys.map { "\(position.rawValue % $0)" } }
        var crashes = 0
        var hasSentAgain = false
        for _ in 0..<2500 {
            switch chance.roll(20) {
            case 0...4: bench.store((0...chance.roll(6)).map { _ in chance.roll(3) > 0 }, handingOver: true)
            case 5...8: bench.answerFetch(failing: chance.roll(6) == 0, limit: 1 + chance.roll(80))
            case 9...15:
                guard let attempt = bench.attempts.randomElement(using: &chance.generator) else { continue }
                bench.endBatch(
                    attempt[0],
                    chance.roll(3) == 0 ? .each(attempt.map { _ in result(&chance) }) : .whole(result(&chance)))
            case 16, 17: bench.pass(.milliseconds(chance.roll(5000)))
            case 18 where chance.roll(4) == 0:
                crashes += 1
                bench.crash()
            case 19 where chance.roll(6) == 0:
                hasSentAgain = true
                bench.sendAgain()
            case 19 where chance.roll(2) == 0: bench.reconfigure(bench.settings)
            default: bench.pass(.milliseconds(100))
            }
            #expect(bench.attempts.count <= concurrency)
            if keys != nil, concurrency > 1 { checkKeys(bench) }
        }
        settle(&bench)
        #expect(bench.violations == [])
        check(bench, crashes: crashes, inOrder: concurrency == 1 && !hasSentAgain)
    }

    /// Of messages with one key no two are in different attempts.
    private func checkKeys(_ bench: RouteScheduleBench) {
        var seen: Set<String> = []
        for attempt in bench.attempts {
            let keys = Set(attempt.compactMap { bench.key($0) })
            #expect(seen.isDisjoint(with: keys))
            seen.formUnion(keys)
        }
    }

    private func result(_ chance: inout Chance) -> AttemptResult {
        switch chance.roll(11) {
        case 10: .unavailable("refused")
        case 0, 1: .failed("no", retryAfter: nil)
        case 2: .failed("later", retryAfter: .seconds(chance.roll(5)))
        case 3: .rejected("never")
        case 4: .abandoned
        case 5: .postponed("no descriptors")
        default: .confirmed
        }
    }

    /// Everything works from now on, until nothing is left to do.
    private func settle(_ bench: inout RouteScheduleBench) {
        for _ in 0..<100_000 {
            if let attempt = bench.attempts.first {
                bench.endBatch(attempt[0], .whole(.confirmed))
            } else if !bench.fetches.isEmpty || !bench.returnedFetches.isEmpty {
                bench.answerFetch()
            } else if bench.deadline != nil {
                bench.pass(.seconds(5))
            } else {
                return
            }
        }
        Issue.record("it never comes to rest")
    }

    private func check(_ bench: RouteScheduleBench, crashes: Int, inOrder: Bool) {
        for message in bench.messages {
            let count = bench.confirmed[message.position] ?? 0
            let isDead = bench.disk.dead[message.position] != nil
            #expect(message.isWanted == (count > 0 || isDead || bench.buried[message.position] != nil))
            #expect(count <= 1 + crashes)
            if crashes == 0, bench.buried[message.position] == nil { #expect(count <= 1) }
        }
        #expect(bench.disk.cursor == bench.messages.last?.position ?? 0)
        #expect(bench.disk.settledAhead.isEmpty && bench.disk.attempted.isEmpty && bench.disk.returned.isEmpty)
        #expect(bench.held.isEmpty)
        if inOrder { #expect(bench.started == bench.started.sorted()) }
    }
}
