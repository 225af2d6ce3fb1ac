import MPushWorld
import NIOCore
import Testing

@Suite struct LoopTests {
    private let scheduler = WorldScheduler()
    private let loop: WorldLoop

    init() {
        loop = WorldLoop("test", on: scheduler)
    }

    private final class Log: @unchecked Sendable {
        var entries: [Int] = []
    }

    /// Against a plain list that is sorted: by the time, and by the order in which it came.
    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func tasksAreDoneByTimeAndOrder(seed: UInt64) {
        let random = WorldRandom(seed: seed)
        let log = Log()
        var wanted: [(time: Int64, number: Int)] = []
        for number in 0..<500 {
            let time = random.number(in: 0...50)
            let isCancelled = random.chance(0.4)
            let task = loop.scheduleTask(deadline: .uptimeNanoseconds(UInt64(time))) { log.entries.append(number) }
            if isCancelled { task.cancel() } else { wanted.append((time, number)) }
        }
        #expect(scheduler.run(for: .nanoseconds(50)) == .done)
        #expect(log.entries == wanted.sorted { ($0.time, $0.number) < ($1.time, $1.number) }.map(\.number))
        #expect(scheduler.elapsed == .nanoseconds(50) && scheduler.nextDue == nil)
    }

    @Test func whatIsDueAlreadyComesAfterWhatWasDueBefore() {
        let log = Log()
        scheduler.schedule(in: .seconds(1)) {
            self.loop.execute { log.entries.append(3) }
            self.loop.scheduleTask(deadline: .uptimeNanoseconds(0)) { log.entries.append(4) }
            log.entries.append(1)
        }
        scheduler.schedule(in: .seconds(1)) { log.entries.append(2) }
        scheduler.run(for: .seconds(2))
        #expect(log.entries == [1, 2, 3, 4])
    }

    @Test func timeStandsStillInATaskAndLeapsToTheNext() {
        var times: [Duration] = []
        for seconds in [5, 3, 86_400] {
            scheduler.schedule(in: .seconds(seconds)) { times.append(self.scheduler.elapsed) }
        }
        scheduler.run(for: .seconds(100))
        #expect(times == [.seconds(3), .seconds(5)])
        #expect(scheduler.nextDue == .seconds(86_400))
        #expect(loop.now == .uptimeNanoseconds(100_000_000_000))
    }

    @Test func futuresAndCallbacksAreKept() throws {
        let log = Log()
        let value = loop.submit { 7 }
        let later = loop.scheduleTask(in: .seconds(3)) { "later" }
        let never = loop.scheduleTask(in: .seconds(3)) { log.entries.append(9) }
        never.cancel()
        let callback = loop.scheduleCallback(in: .seconds(1), handler: Handler(log: log))
        let other = loop.scheduleCallback(in: .seconds(1), handler: Handler(log: log))
        other.cancel()
        #expect(log.entries == [-1])
        scheduler.run(for: .seconds(5))
        callback.cancel()
        #expect(log.entries == [-1, 1])
        #expect(try value.wait() == 7)
        #expect(try later.futureResult.wait() == "later")
        #expect(throws: EventLoopError.cancelled) { try never.futureResult.wait() }
        #expect(try loop.flatSubmit { self.loop.makeSucceededFuture(1) }.isDone(in: scheduler) == 1)
    }

    private struct Handler: NIOScheduledCallbackHandler, Sendable {
        let log: Log

        func handleScheduledCallback(eventLoop: some EventLoop) { log.entries.append(1) }
        func didCancelScheduledCallback(eventLoop: some EventLoop) { log.entries.append(-1) }
    }

    @Test func aLoopThatSleepsDoesNothingUntilItWakes() {
        let log = Log()
        let other = WorldLoop("other", on: scheduler)
        loop.scheduleTask(in: .seconds(2)) { log.entries.append(2) }
        loop.scheduleTask(in: .seconds(1)) { log.entries.append(1) }
        let cancelled = loop.scheduleTask(in: .seconds(1)) { log.entries.append(9) }
        loop.scheduleTask(in: .seconds(20)) { log.entries.append(4) }
        other.scheduleTask(in: .seconds(3)) { log.entries.append(3) }
        loop.sleep()
        scheduler.run(for: .seconds(10))
        #expect(log.entries == [3])
        cancelled.cancel()
        loop.wake()
        scheduler.run(for: .seconds(5))
        #expect(log.entries == [3, 1, 2])
        scheduler.run(for: .seconds(5))
        #expect(log.entries == [3, 1, 2, 4])
    }

    @Test func aLoopThatWasKilledDoesNothingEver() {
        let log = Log()
        let promise = loop.makePromise(of: Void.self)
        promise.futureResult.whenComplete { _ in log.entries.append(0) }
        loop.scheduleTask(in: .seconds(1)) { promise.succeed(()) }
        loop.execute { log.entries.append(1) }
        loop.sleep()
        scheduler.run(for: .seconds(2))
        loop.kill()
        loop.execute { log.entries.append(2) }
        loop.scheduleTask(in: .seconds(1)) { log.entries.append(3) }
        scheduler.run(for: .seconds(10))
        #expect(log.entries == [] && loop.isDead)
    }

    @Test func aBusyLoopIsFound() {
        scheduler.mostStepsInASecond = 1000
        scheduler.schedule(in: .seconds(5)) { self.spin() }
        #expect(scheduler.run(for: .seconds(10)) == .busy)
        #expect(scheduler.elapsed == .seconds(5))
    }

    private func spin() {
        scheduler.schedule { self.spin() }
    }

    @Test func stepsAreCountedBySecond() {
        var seconds: [Int64: Int] = [:]
        scheduler.onSecond = { seconds[$0] = $1 }
        var steps = 0
        scheduler.afterStep = { steps += 1 }
        for milliseconds in [100, 999, 2000, 2001, 2999, 4000] {
            loop.scheduleTask(in: .milliseconds(Int64(milliseconds))) {}
        }
        scheduler.run(for: .seconds(10))
        #expect(seconds == [0: 2, 2: 3] && steps == 6)
        #expect(scheduler.busiestSecond == (2, 3) && loop.busiestSecond == (2, 3) && loop.steps == 6)
    }

    @Test func aStepMayStopTheRun() {
        for _ in 0..<3 { scheduler.schedule(in: .seconds(1)) { self.scheduler.stop() } }
        #expect(scheduler.run(for: .seconds(2)) == .stopped)
        #expect(scheduler.steps == 1)
        #expect(scheduler.run(upTo: .seconds(2)) { self.scheduler.steps == 3 })
        #expect(!scheduler.run(upTo: .seconds(2)) { self.scheduler.steps == 4 })
        #expect(scheduler.elapsed == .seconds(3))
    }

    @Test func chanceIsRepeatedAndFair() {
        let one = WorldRandom(seed: 5)
        let same = WorldRandom(seed: 5)
        #expect((0..<100).allSatisfy { _ in one.next() == same.next() })
        #expect(one.fork("disk").next() == WorldRandom(seed: 5).fork("disk").next())
        #expect(one.fork("disk").next() != one.fork("network").next())
        let counts = (0..<10_000).reduce(into: [Int](repeating: 0, count: 4)) { counts, _ in counts[one.below(4)] += 1 }
        #expect(counts.allSatisfy { (2300...2700).contains($0) })
        let range: ClosedRange<Duration> = .microseconds(1) ... .milliseconds(3)
        let skewed = (0..<10_000).map { _ in one.skewedDuration(in: range) }
        #expect(skewed.allSatisfy { range.contains($0) })
        #expect((2000...8000).contains(skewed.count { $0 < .microseconds(50) }))
        #expect((0..<1000).allSatisfy { _ in (-3...3).contains(one.number(in: -3...3)) })
    }
}

extension EventLoopFuture where Value: Sendable {
    /// The value, for which the world runs a while.
    func isDone(in scheduler: WorldScheduler, upTo limit: Duration = .seconds(60)) throws -> Value {
        var isDone = false
        assumeIsolated().whenComplete { _ in isDone = true }
        guard scheduler.run(upTo: limit, until: { isDone }) else { throw NotDone() }
        return try wait()
    }
}

struct NotDone: Error {}
