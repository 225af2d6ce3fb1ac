import Glibc
import MPushModel
import MPushSystemd
import NIOCore
import Testing

@testable import MPushDaemon
@testable import MPushPlatform

/// What the watchdog calls stuck.
@Suite struct WatchdogTests {
    /// A watchdog whose time comes each 10 ms, and a part that is due at 20 ms; the loop does nothing for 50 ms, as after
    /// a sleep of the machine. The events that were logged in the end.
    private func events(isPartStuck: Bool) async throws -> [LogEvent?] {
        let sink = MemorySink()
        return try await LoopBench.run { (eventLoop, promise: EventLoopPromise<[LogEvent?]>) in
            let timer = try LoopTimer(on: eventLoop)
            let interval = try #require(WatchdogInterval(timeout: .milliseconds(20)))
            var isDue = false
            var isDone = false
            let watchdog = Watchdog(
                interval, notifier: ServiceNotifier(environment: ServiceEnvironment { _ in nil }), timer: timer,
                log: Logger(sink: sink), on: eventLoop
            ) { _, _ in isDue && !isDone ? "the part" : nil }
            let part = timer.makeOwner { _ in isDone = !isPartStuck }
            let end = timer.makeOwner { _ in
                watchdog.stop()
                timer.close()
                promise.succeed(sink.records.map(\.event))
            }
            watchdog.start()
            let due = BootClock.now() + .milliseconds(20)
            timer.set(due, for: part)
            timer.set(due + .milliseconds(500), for: end)
            usleep(50_000)
            isDue = true
        }
    }

    @Test func whatBecameDueWithItHasItsTurnFirst() async throws {
        #expect(try await events(isPartStuck: false).isEmpty)
    }

    @Test func aStuckPartIsNamed() async throws {
        let events = try await events(isPartStuck: true)
        #expect(events.contains(.watchdogSilent))
        #expect(events.allSatisfy { $0 == .watchdogSilent })
    }
}
