import Glibc
import MPushDaemon
import MPushModel
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
}
