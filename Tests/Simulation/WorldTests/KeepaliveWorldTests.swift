import MPushControl
import MPushModel
import MPushWorld
import Testing

@testable import MPushScene

/// The daemon with `ping_every = "auto"` behind routers that forget: what it learns in a day, keeps over a restart, and
/// knows again when it comes back.
@Suite(.serialized) struct KeepaliveWorldTests {
    private let world: QuietWorld

    init() throws { world = try QuietWorld(users: ["alice", "bob"], pingEvery: "auto") }

    private func report() throws -> KeepaliveReport { try #require(world.reports.first?.keepalive) }

    @Test(arguments: [(30, WorldLink.Translator.Answer.silence), (60, .silence), (60, .reset), (150, .silence)])
    func learnsTheNetworkInADay(seconds: Int, answer: WorldLink.Translator.Answer) throws {
        world.forget(after: seconds, answer)
        var isSaid = false
        // The trace keeps its latest lines only.
        for _ in 0..<24 {
            world.run(for: 3600)
            isSaid = isSaid || world.scheduler.trace.lines.contains { $0.contains("this network forgets after about ") }
        }
        #expect(isSaid)
        let report = try report()
        let estimate = try #require(report.reading.estimate, "\(report.sentence)")
        #expect(abs(estimate / .seconds(seconds) - 1) < 0.1, "taken for \(estimate.humanReadable)")
        #expect(report.sentence.hasPrefix("this network forgets after about "))
        let before = world.connections
        world.run(for: 86_400)
        // One identity tries, after more and more hours; the other is left alone.
        #expect(world.connections - before <= 8)
        for identity in world.reports {
            let interval = try #require(identity.pingEvery)
            #expect(interval > .seconds(seconds) * 7 / 10 && interval < .seconds(seconds) * 11 / 10, "\(identity.name)")
        }
    }

    @Test func aNetworkThatForgetsNothingIsAskedAsTheServerWishes() throws {
        world.run(for: 4 * 3600)
        #expect(world.connections == 2)
        #expect(world.reports.map(\.pingEvery) == [.seconds(179), .seconds(179)])
    }

    /// An outage is no network that forgets.
    @Test func whatIsAwayForLongIsNotTakenForIt() throws {
        world.run(for: 4 * 3600)
        world.link.setSilent(true)
        world.run(for: 1800)
        world.link.setSilent(false)
        world.run(for: 600)
        #expect(world.reports.allSatisfy { $0.state == .online })
        #expect(try report().reading.forgotten == nil)
    }

    @Test func whatWasLearntOutlivesTheProcessAndGoesByTheNetwork() throws {
        world.forget(after: 60)
        world.run(for: 86_400)
        let learnt = try report()
        world.device.kill()
        world.run(for: 60)
        #expect(world.device.starts == 2)
        #expect(try report().network == learnt.network)
        #expect(try #require(try report().reading.estimate) > .seconds(54))
        // Somewhere else nothing is known, and back it is.
        world.device.machine.host.changeAddress(Device.address, to: "192.0.2.77")
        world.run(for: 20)
        #expect(try report().network != learnt.network)
        #expect(try report().reading == KeepaliveReading(kept: nil, forgotten: nil, isSettled: false))
        world.device.machine.host.changeAddress("192.0.2.77", to: Device.address)
        world.run(for: 20)
        #expect(try report().network == learnt.network)
        #expect(try #require(try report().reading.estimate) > .seconds(54))
    }
}
