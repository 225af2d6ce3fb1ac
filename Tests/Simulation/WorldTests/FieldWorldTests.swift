import MPushControl
import MPushLocalAPI
import MPushModel
import MPushSimulator
import MPushTestSupport
import NIOCore
import Testing

@testable import MPushScene
@testable import MPushWorld

/// What a machine in the field has to put up with, and how soon the whole daemon is online all the same.
@Suite(.serialized) struct FieldWorldTests {
    private static let names = (0..<200).map { "user-\($0)" }

    /// Routes go and come, each time in several parts, for seconds and for an hour.
    @Test(.disabled(if: ThreadSanitizer.isOn, "a world has one thread"))
    func aRouteThatIsBackIsUsedWithinTwoSeconds() throws {
        let world = try QuietWorld()
        let host = world.device.machine.host
        var generator = SplitMix64(seed: 12)
        world.run(for: 10)
        var times: [Duration] = []
        var attempts = 0
        func change(hasRoute: Bool) {
            host.hasRoute = hasRoute
            for part in 1...4 { world.scheduler.schedule(in: .milliseconds(20 * part)) { host.networkChanged() } }
        }
        for _ in 0..<1000 {
            let before = (connections: world.connections, news: host.news)
            change(hasRoute: false)
            let isSaid = world.scheduler.run(upTo: .seconds(10)) { world.reports.first?.state == .noNetwork }
            try #require(isSaid, "\(world.reports)")
            let tried = host.connects
            world.scheduler.run(for: .milliseconds(Int64.random(in: 100...3_600_000, using: &generator)))
            attempts += host.connects - tried
            change(hasRoute: true)
            let back = world.scheduler.elapsed
            let isBack = world.scheduler.run(upTo: .seconds(60)) {
                world.reports.first?.state == .online && world.connections > before.connections
            }
            try #require(isBack, "\(world.reports)")
            times.append(world.scheduler.elapsed - back)
            world.scheduler.run(for: .milliseconds(Int64.random(in: 500...300_000, using: &generator)))
            try #require(host.news - before.news == 2, "more than one wake-up a change")
        }
        times.sort()
        #expect(times[949] <= .seconds(2), "95 % within \(times[949].humanReadable)")
        #expect(attempts == 0)
    }

    /// The path is as it was before anybody has looked.
    @Test func aFlapCostsOneHeartbeat() throws {
        let world = try QuietWorld()
        let host = world.device.machine.host
        let heartbeats = "mpush_heartbeats_sent_total"
        world.run(for: 10)
        for _ in 0..<100 {
            let before = try #require(world.metric(heartbeats))
            host.hasRoute = false
            world.scheduler.run(for: .milliseconds(90))
            host.hasRoute = true
            world.run(for: 20)
            #expect(try #require(world.metric(heartbeats)) - before <= 1)
        }
        #expect(world.connections == 1)
    }

    /// Wherever between two heartbeats the link dies.
    @Test(arguments: [nil, 55] as [Int?])
    func aDeadLinkIsFoundWithinTheInterval(pingEvery: Int?) throws {
        let world = try QuietWorld(pingEvery: pingEvery.map { "\($0)s" })
        world.setPath(latency: .milliseconds(25))
        var generator = SplitMix64(seed: 3)
        var latest = Duration.zero
        world.run(for: 10)
        for _ in 0..<100 {
            world.scheduler.run(for: .milliseconds(Int64.random(in: 1000...400_000, using: &generator)))
            try #require(world.reports.first?.state == .online)
            world.link.setSilent(true)
            let began = world.scheduler.elapsed
            world.scheduler.run(upTo: .seconds(300)) { world.reports.first?.state.isBound == false }
            let found = world.scheduler.elapsed - began
            latest = max(latest, found)
            world.link.setSilent(false)
            try #require(world.isOnline(within: .seconds(60)))
        }
        #expect(latest <= .seconds((pingEvery ?? 180) + 3), "found after \(latest.humanReadable)")
    }

    @Test(.disabled(if: ThreadSanitizer.isOn, "a world has one thread"))
    func aPathThatLosesPacketsIsTakenForDeadOnceAMonthAtMost() throws {
        let world = try QuietWorld()
        world.setPath(latency: .milliseconds(300), loss: 0.05)
        try #require(world.isOnline(within: .seconds(60)))
        let before = world.connections
        world.run(for: 30 * 86_400)
        #expect(world.connections - before <= 1)
        #expect(try #require(world.metric("mpush_heartbeats_sent_total")) > 14_000)
    }

    /// An outage is of somebody who is wished, also where nothing else changes for want of a network.
    @Test func nobodyIsMissedWhoIsNotWished() throws {
        let world = try QuietWorld()
        world.run(for: 10)
        try #require(world.connections == 1)
        world.device.machine.host.hasRoute = false
        world.device.machine.host.networkChanged()
        try #require(world.scheduler.run(upTo: .seconds(10)) { world.reports.first?.state == .noNetwork })
        #expect(world.reports.first?.outage != nil)
        let service = try #require(world.device.service)
        service.unbind(UnbindRequest(identity: "alice")) { _ in }
        world.run(for: 1)
        #expect(world.reports.first?.state == .noNetwork && world.reports.first?.outage == nil)
        service.bind(ControlBindRequest(identity: "alice", user: nil)) { _ in }
        world.run(for: 1)
        #expect(world.reports.first?.state == .noNetwork && world.reports.first?.outage != nil)
    }

    /// Two hundred identities on one name; the first name server is dead, so that each question takes five seconds.
    @Test func aDeadFirstNameServerCostsFifteenSeconds() throws {
        let world = try QuietWorld(users: Self.names, starts: false)
        let names = world.device.machine.host.names
        names.set(world.server.host, [world.server.address], delay: .seconds(5))
        world.device.start()
        let isOnline = world.isOnline(within: .seconds(15))
        #expect(isOnline, "\(world.reports.count { $0.state == .online }) of 200")
    }

    /// As routers at home do that drop the question for IPv6.
    @Test func aQuestionForAAAAThatIsDroppedCostsTwoSeconds() throws {
        let world = try QuietWorld(users: ["alice", "bob"], starts: false)
        let names = world.device.machine.host.names
        names.entries[world.server.host] = WorldNames.Entry(v4: .addresses([world.server.address]), v6: .silence)
        world.device.start()
        let isOnline = world.isOnline(within: .seconds(2))
        #expect(isOnline, "\(world.reports)")
    }

    /// Forty web servers whose names nobody answers for: the server's name and another web server's are looked up at once.
    @Test func fortyNamesInAHoleHoldUpNobodyElse() throws {
        let holes = (0..<40).map { "hole-\($0).world" }
        let routes = holes.map { "[[route]]\nname = \"\($0)\"\nwebhook = \"http://\($0)/\"\n" }.joined()
        let world = try QuietWorld(
            more: routes + "[[route]]\nname = \"mail\"\nfile = \"/mail/all\"\n", starts: false)
        for host in holes {
            world.device.machine.host.names.entries[host] = WorldNames.Entry(v4: .silence, v6: .silence)
        }
        world.device.start()
        #expect(world.isOnline(within: .seconds(2)))
        world.run(for: 5)
        world.server.simulator?.push(ByteBuffer(string: "x"), to: "alice").whenFailure { _ in }
        world.run(for: 2)
        let status = try #require(world.device.service?.status)
        #expect(status.inbox.messages == 1)
        #expect(status.routes.count == 41 && status.routes.reduce(0) { $0 + $1.running } == 40, "\(status.routes)")
        // While forty questions are open the connection is lost, and the name is asked for again.
        world.device.machine.host.resetConnections()
        world.scheduler.run(for: .milliseconds(10))
        #expect(!world.isOnline(within: .zero))
        #expect(world.isOnline(within: .seconds(5)))
    }

    /// A machine without a battery starts in 1970, and no certificate is good there.
    @Test(arguments: [true, false])
    func aClockThatIsSetIsUsedWithinTwoSeconds(kernelSaysSo: Bool) throws {
        let world = try QuietWorld(isSecured: true, wall: WallTime(millisecondsSince1970: 60_000), starts: false)
        let clock = world.device.machine.clock
        clock.tellsOfSteps = kernelSaysSo
        world.device.start()
        world.run(for: 3600)
        try #require(world.reports.first?.lastLoss?.cause == "clock", "\(world.reports)")
        clock.setWall(Stage.usualWall)
        #expect(world.isOnline(within: .seconds(2)))
    }

    /// What the server knew of its sessions is whole after its crash, and all come back at once.
    @Test(.disabled(if: ThreadSanitizer.isOn, "a world has one thread"))
    func twoThousandSessionsGoOnAfterAServersCrash() throws {
        let world = try QuietWorld(users: (0..<2000).map { "user-\($0)" })
        try #require(world.isOnline(within: .seconds(120), interval: .seconds(1)))
        world.server.crash(for: .seconds(20))
        world.run(for: 15)
        #expect(!world.reports.contains { $0.state == .online })
        #expect(world.isOnline(within: .seconds(300), interval: .seconds(1)))
        #expect(world.reports.count { $0.isResumed == true } == 2000)
    }
}
