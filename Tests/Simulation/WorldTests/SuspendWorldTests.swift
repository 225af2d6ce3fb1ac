import MPushControl
import MPushModel
import MPushWorld
import Testing

@testable import MPushScene

/// A machine that wakes asks the server at once, whatever its heartbeat is and though no link has changed.
@Suite(.serialized) struct SuspendWorldTests {
    private let world: QuietWorld

    init() throws {
        world = try QuietWorld()
        world.device.machine.host.linksWakeAnew = false
    }

    @Test func whatDiedInTheSleepIsFoundAtOnce() throws {
        world.forget(after: 30)
        world.run(for: 10)
        try #require(world.connections == 1)
        world.device.machine.suspend(for: .seconds(60))
        world.run(for: 60 + 6)
        #expect(world.connections == 2)
        #expect(world.reports.map(\.state) == [.online])
    }

    @Test func whatLivesIsKept() throws {
        world.run(for: 10)
        try #require(world.connections == 1)
        world.device.machine.suspend(for: .seconds(60))
        world.run(for: 60 + 6)
        #expect(world.connections == 1)
        let age = try #require(world.reports.first?.lastAnswerAge)
        #expect(age < .seconds(6), "it was not asked")
    }

    /// Whoever sets the clock has not slept.
    @Test func nobodyIsAskedBecauseTheClockIsSet() throws {
        world.run(for: 10)
        world.device.machine.clock.moveWall(by: .seconds(3600))
        world.run(for: 10)
        let age = try #require(world.reports.first?.lastAnswerAge)
        #expect(age >= .seconds(15))
    }
}
