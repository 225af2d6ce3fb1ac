import MPushControl
import MPushModel
import MPushWorld
import Testing

@testable import MPushScene

/// A machine that wakes asks the server at once, whatever its heartbeat is and though no link has changed.
@Suite(.serialized) struct SuspendWorldTests {
    private let world: QuietWorld

    /// Who says that the machine has woken.
    enum Source: CaseIterable {
        case clocks
        case logind
        /// logind comes later.
        case both
    }

    init() throws {
        world = try QuietWorld(starts: false)
        world.device.machine.host.linksWakeAnew = false
    }

    private func start(_ source: Source) {
        world.device.machine.clock.tellsOfSteps = source != .logind
        world.device.machine.bus.isThere = source != .clocks
        world.device.machine.bus.delay = .seconds(source == .both ? 2 : 0)
        world.device.start()
    }

    @Test(arguments: Source.allCases) func whatDiedInTheSleepIsFoundAtOnce(source: Source) throws {
        start(source)
        world.forget(after: 30)
        world.run(for: 10)
        try #require(world.connections == 1)
        world.device.machine.suspend(for: .seconds(60))
        world.run(for: 60 + 6)
        #expect(world.connections == 2)
        #expect(world.reports.map(\.state) == [.online])
    }

    @Test(arguments: Source.allCases) func whatLivesIsAskedOnceAndKept(source: Source) throws {
        start(source)
        world.run(for: 10)
        try #require(world.connections == 1)
        let before = try #require(world.metric("mpush_heartbeats_sent_total"))
        world.device.machine.suspend(for: .seconds(60))
        world.run(for: 60 + 6)
        #expect(world.connections == 1)
        #expect(try #require(world.metric("mpush_heartbeats_sent_total")) - before == 1)
        let age = try #require(world.reports.first?.lastAnswerAge)
        #expect(age < .seconds(6), "it was not asked")
    }

    /// Whoever sets the clock has not slept.
    @Test func nobodyIsAskedBecauseTheClockIsSet() throws {
        start(.both)
        world.run(for: 10)
        world.device.machine.clock.moveWall(by: .seconds(3600))
        world.run(for: 10)
        let age = try #require(world.reports.first?.lastAnswerAge)
        #expect(age >= .seconds(15))
    }
}
