import MPushModel
import MPushSystemd
import MPushTestSupport
import NIOCore
import NIOEmbedded
import Testing

@testable import MPushDaemon
@testable import MPushPlatform

/// What the watchdog calls stuck.
@Suite struct WatchdogTests {
    /// A watchdog whose time comes each 10 s, and a part that is due at 20 s. Nothing runs for 50 s, as in a sleep of the
    /// machine; then all that is due has its turn. The events that were logged in the end.
    private func events(isPartStuck: Bool) throws -> [LogEvent?] {
        let (eventLoop, clock, sink) = (EmbeddedEventLoop(), SettableClock(), MemorySink())
        let timer = try LoopTimer(on: eventLoop, clock: clock)
        let interval = try #require(WatchdogInterval(timeout: .seconds(20)))
        let due = clock.now + .seconds(20)
        var isDone = false
        let watchdog = Watchdog(
            interval, notifier: ServiceNotifier(environment: ServiceEnvironment { _ in nil }, clock: clock),
            timer: timer,
            log: Logger(sink: sink), on: eventLoop
        ) { now, grace in !isDone && now - due > grace ? "the part" : nil }
        watchdog.start()
        let part = timer.makeOwner { _ in isDone = !isPartStuck }
        timer.set(due, for: part)
        clock.advance(by: .seconds(50))
        eventLoop.run()
        clock.advance(by: .seconds(10))
        eventLoop.run()
        watchdog.stop()
        return sink.records.map(\.event)
    }

    @Test func whatBecameDueWithItHasItsTurnFirst() throws {
        #expect(try events(isPartStuck: false).isEmpty)
    }

    @Test func aStuckPartIsNamed() throws {
        #expect(try events(isPartStuck: true) == [.watchdogSilent, .watchdogSilent])
    }
}
