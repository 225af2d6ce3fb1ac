import Glibc
import MPushModel
import MPushTestSupport
import NIOCore
import Testing

@testable import MPushPlatform

/// The one timer of an event loop, on a real loop and the kernel's clock.
@Suite struct LoopTimerTests {
    @Test func firesInTheOrderOfTheDeadlinesAndNeverEarly() async throws {
        let order = try await LoopBench.run { (eventLoop, promise: EventLoopPromise<[Int]>) in
            let timer = try LoopTimer(on: eventLoop, clock: MachineClock())
            let start = MachineClock().now
            var order: [Int] = []
            for delay in [30, 10, 20, 0, -1000] {
                let deadline = start + .milliseconds(delay)
                let owner = timer.makeOwner { now in
                    #expect(now >= deadline)
                    order.append(delay)
                    if order.count == 5 {
                        timer.close()
                        promise.succeed(order)
                    }
                }
                timer.set(deadline, for: owner)
            }
        }
        #expect(order == [-1000, 0, 10, 20, 30])
    }

    @Test func whoIsRemovedWithinAFiringIsNotCalled() async throws {
        let calls = try await LoopBench.run { (eventLoop, promise: EventLoopPromise<[String]>) in
            let timer = try LoopTimer(on: eventLoop, clock: MachineClock())
            let now = MachineClock().now
            var calls: [String] = []
            let victim = timer.makeOwner { _ in calls.append("victim") }
            let remover = timer.makeOwner { _ in
                calls.append("remover")
                timer.remove(victim)
            }
            let last = timer.makeOwner { _ in
                timer.close()
                promise.succeed(calls)
            }
            // In the past, so that all are due in one firing.
            timer.set(now + .milliseconds(-3), for: remover)
            timer.set(now + .milliseconds(-2), for: victim)
            timer.set(now + .milliseconds(-1), for: last)
        }
        #expect(calls == ["remover"])
    }

    @Test func aDeadlineCanBeSetAgainFromItsOwnFiringAndTakenBack() async throws {
        let count = try await LoopBench.run { (eventLoop, promise: EventLoopPromise<Int>) in
            let timer = try LoopTimer(on: eventLoop, clock: MachineClock())
            var count = 0
            var owner: LoopTimer.Owner?
            let silent = timer.makeOwner { _ in promise.fail(LoopBench.TooLate()) }
            timer.set(MachineClock().now + .milliseconds(2), for: silent)
            owner = timer.makeOwner { now in
                count += 1
                guard count < 3, let owner else {
                    timer.close()
                    return promise.succeed(count)
                }
                timer.set(now + .milliseconds(5), for: owner)
            }
            if let owner { timer.set(MachineClock().now, for: owner) }
            timer.set(nil, for: silent)
        }
        #expect(count == 3)
    }

    /// The number of a closed descriptor is soon another one's.
    @Test func aClosedTimerLeavesTheDescriptorsOfOthersAlone() async throws {
        let fired = try await LoopBench.run { (eventLoop, promise: EventLoopPromise<Bool>) in
            let closed = try LoopTimer(on: eventLoop, clock: MachineClock())
            let old = closed.makeOwner { _ in }
            closed.set(MachineClock().now + .seconds(100), for: old)
            let closedOnLoop = NIOLoopBound(closed, eventLoop: eventLoop)
            eventLoop.execute {
                closedOnLoop.value.close()
                do {
                    let timer = try LoopTimer(on: eventLoop, clock: MachineClock())
                    let owner = timer.makeOwner { _ in
                        timer.close()
                        promise.succeed(true)
                    }
                    timer.set(MachineClock().now + .milliseconds(20), for: owner)
                    closedOnLoop.value.remove(old)
                } catch {
                    promise.fail(error)
                }
            }
        }
        #expect(fired)
    }

    /// A clock that is moved by hand and whose alarm counts how often it is set, and rings when it is told to.
    private final class CountingClock: ClockSource, @unchecked Sendable {
        final class Alarm: ClockAlarm {
            var deadlines: [Instant?] = []
            func set(_ deadline: Instant?) { deadlines.append(deadline) }
            func close() {}
        }

        let alarm = Alarm()
        var ring: () -> Void = {}
        var now = Instant.zero
        var wall: WallTime { WallTime(millisecondsSince1970: 0) }
        var monotonic: Duration { now.sinceBoot }
        var bootID: String? { nil }
        var isWallSynchronised: Bool { false }

        func makeAlarm(
            on eventLoop: any EventLoop, handler: @escaping () -> Void
        ) throws(OSError) -> any ClockAlarm {
            ring = handler
            return alarm
        }

        func watchForStep(
            on eventLoop: any EventLoop, handler: @escaping () -> Void
        ) throws(OSError) -> any ClockStepWatch {
            throw OSError(0, "timerfd_create")
        }
    }

    /// An alarm that has gone off is on its way to the loop: it is not set anew before it arrives.
    @Test func anAlarmThatIsDueIsNotTouched() async throws {
        let seen = try await LoopBench.run { (eventLoop, promise: EventLoopPromise<[Instant?]>) in
            let clock = CountingClock()
            let timer = try LoopTimer(on: eventLoop, clock: clock)
            let owners = (0..<3).map { _ in timer.makeOwner { _ in } }
            timer.set(.zero + .seconds(1), for: owners[0])
            clock.now = .zero + .seconds(2)
            timer.set(nil, for: owners[0])
            timer.set(.zero + .seconds(9), for: owners[1])
            timer.set(.zero + .milliseconds(500), for: owners[2])
            let before = clock.alarm.deadlines
            clock.ring()
            promise.succeed(before + [nil] + clock.alarm.deadlines.dropFirst(before.count))
            timer.close()
        }
        #expect(seen == [.zero + .seconds(1), nil, .zero + .seconds(9)])
    }

    /// Clocks count nanoseconds. An alarm that is set between two of them goes off before its deadline, finds nothing to do,
    /// and would be set to the same moment again and again.
    @Test func anAlarmIsNotSetBetweenTwoNanoseconds() async throws {
        let seen = try await LoopBench.run { (eventLoop, promise: EventLoopPromise<[Instant?]>) in
            let clock = CountingClock()
            let timer = try LoopTimer(on: eventLoop, clock: clock)
            let owner = timer.makeOwner { _ in }
            timer.set(.zero + .nanoseconds(7) / 2, for: owner)
            timer.set(.zero + .nanoseconds(9), for: owner)
            promise.succeed(clock.alarm.deadlines)
            timer.close()
        }
        #expect(seen == [.zero + .nanoseconds(4), .zero + .nanoseconds(9)])
    }

    /// A connection that is closing must not wait for ever for a time-out that nobody watches any more.
    @Test func whatEndsSomethingIsCalledAtTheEndOfTheTimer() async throws {
        let called = try await LoopBench.run { (eventLoop, promise: EventLoopPromise<[String]>) in
            let timer = try LoopTimer(on: eventLoop, clock: CountingClock())
            var called: [String] = []
            timer.schedule(in: .seconds(1)) { called.append("dropped") }
            timer.schedule(in: .seconds(1), endsSomething: true) { called.append("at the end") }
            timer.close()
            timer.schedule(in: .seconds(1), endsSomething: true) {
                called.append("after it")
                promise.succeed(called)
            }
        }
        #expect(called == ["at the end", "after it"])
    }
}
