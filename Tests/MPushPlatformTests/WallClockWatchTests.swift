import Glibc
import MPushModel
import MPushTestSupport
import NIOCore
import Testing

@testable import MPushPlatform

/// What is noticed when somebody sets the wall clock. The test cannot set the machine's, so a clock of its own is set.
@Suite struct WallClockWatchTests {
    private final class Waiter {}

    private static let later = WallTime(millisecondsSince1970: 1_795_600_000_000)

    /// Sets the clock by `set`, lets two seconds pass, and gives how often that was heard of.
    private func steps(
        isWaiting: Bool = true, _ set: @escaping @Sendable (SettableClock) -> Void
    ) async throws -> Int {
        try await LoopBench.run { (eventLoop, promise: EventLoopPromise<Int>) in
            let clock = SettableClock()
            let timer = try LoopTimer(on: eventLoop, clock: clock)
            let watch = WallClockWatch(timer: timer) { nil }
            let waiter = Waiter()
            var count = 0
            watch.onStep { count += 1 }
            watch.setWaiting(true, waiter)
            watch.setWaiting(isWaiting, waiter)
            set(clock)
            let loop = eventLoop.assumeIsolated()
            loop.execute {
                clock.advance(by: .seconds(1))
                loop.execute {
                    clock.advance(by: .seconds(1))
                    loop.execute {
                        watch.setWaiting(false, waiter)
                        timer.close()
                        promise.succeed(count)
                    }
                }
            }
        }
    }

    @Test func theKernelSaysIt() async throws {
        #expect(try await steps { $0.stepWall(to: Self.later) } == 1)
    }

    @Test func whereNoKernelSaysItTheClocksAreCompared() async throws {
        #expect(try await steps { $0.setWall(Self.later) } == 1)
        #expect(try await steps { $0.leapWall(by: .seconds(-1)) } == 1)
    }

    @Test func timeThatPassesIsNoStep() async throws {
        #expect(try await steps { $0.advance(by: .seconds(30)) } == 0)
        #expect(try await steps { $0.leapWall(by: .milliseconds(400)) } == 0)
    }

    @Test func nobodyLooksWhileNobodyWaits() async throws {
        #expect(try await steps(isWaiting: false) { $0.stepWall(to: Self.later) } == 0)
        #expect(try await steps(isWaiting: false) { $0.setWall(Self.later) } == 0)
    }

    /// A timer that is cancelled cannot be read any more. Here a connection that was reset is read in its place.
    @Test func aReadThatFailsIsTheStep() async throws {
        let count = try await LoopBench.run { (eventLoop, promise: EventLoopPromise<Int>) in
            var pair: [CInt] = [0, 0]
            let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
            #expect(socketpair(AF_UNIX, kind, 0, &pair) == 0)
            // What is closed over unread bytes is reset.
            #expect(send(pair[0], "x", 1, 0) == 1)
            var count = 0
            var watch: KernelStepWatch?
            watch = try KernelStepWatch(reading: pair[0], on: eventLoop) {
                count += 1
                watch = nil
                promise.succeed(count)
            }
            #expect(watch != nil)
            close(pair[1])
        }
        #expect(count == 1)
    }

    @Test func theMachinesOwnTimerWaits() async throws {
        let isQuiet = try await LoopBench.run { (eventLoop, promise: EventLoopPromise<Bool>) in
            var isQuiet = true
            let watch = try MachineClock().watchForStep(on: eventLoop) { isQuiet = false }
            eventLoop.assumeIsolated().execute {
                watch.close()
                promise.succeed(isQuiet)
            }
        }
        #expect(isQuiet)
    }
}
