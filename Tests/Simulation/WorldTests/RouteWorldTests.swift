import MPushControl
import MPushModel
import MPushSupervision
import MPushWorld
import Testing

@testable import MPushScene

/// What is said of routes to a server need not be so, and need not be said.
@Suite(.serialized) struct RouteWorldTests {
    /// Some drivers show no carrier though their link carries: no kernel says later that there is one.
    @Test func aLinkThatSeemsDownAtTheStartIsTriedNowAndThen() throws {
        let world = try QuietWorld(starts: false)
        let file = world.device.source[Device.configuration]
        world.device.source[Device.configuration] = file.replacing(world.server.host, with: world.server.address)
        world.device.machine.host.isLinkUp = false
        world.device.start()
        world.run(for: 10)
        try #require(world.reports.first?.state == .noNetwork, "\(world.reports)")
        #expect(world.isOnline(within: NetworkBell.idleLook + .seconds(1)))
    }

    /// The look finds a connection that answers, and nobody who waits for a route.
    @Test func aLinkThatSeemsDownSinceIsTriedNowAndThen() throws {
        let world = try QuietWorld()
        let host = world.device.machine.host
        try #require(world.isOnline(within: .seconds(10)))
        host.isLinkUp = false
        host.hasRoute = false
        host.hasRoute = true
        world.run(for: 10)
        try #require(world.connections == 1 && world.reports.first?.state == .online, "\(world.reports)")
        host.resetConnections()
        world.run(for: 10)
        try #require(world.reports.first?.state == .noNetwork, "\(world.reports)")
        #expect(world.isOnline(within: NetworkBell.idleLook + .seconds(1)))
    }

    /// A name that nobody has looked up yet leaves it open whether its server is reached without the proxy: until it was tried.
    @Test func withoutANetworkNeitherWayIsTriedAgain() throws {
        let proxy = "[proxy]\nurl = \"http://203.0.113.99:3128\"\nfallback = \"direct\"\n"
        let world = try QuietWorld(more: proxy, starts: false)
        let host = world.device.machine.host
        host.hasRoute = false
        host.names.isSilent = true
        world.device.start()
        world.run(for: 60)
        #expect(world.reports.first?.state == .noNetwork, "\(world.reports)")
        let tried = host.connects
        world.run(for: 200)
        #expect(host.connects == tried)
        host.names.isSilent = false
        host.hasRoute = true
        #expect(world.isOnline(within: .seconds(30)), "\(world.reports)")
    }

    /// The proxy is of the sixth version, and the machine has no address of it.
    @Test(arguments: [false, true]) func aProxyWithoutARouteDoesNotHideTheDirectWay(isAddress: Bool) throws {
        let proxy = "[proxy]\nurl = \"http://[2001:db8::99]:3128\"\nfallback = \"direct\"\n"
        let world = try QuietWorld(more: proxy, starts: false)
        let host = world.device.machine.host
        if isAddress {
            let file = world.device.source[Device.configuration]
            world.device.source[Device.configuration] = file.replacing(world.server.host, with: world.server.address)
        }
        world.device.start()
        try #require(world.isOnline(within: .seconds(10)), "\(world.reports)")
        host.hasRoute = false
        world.run(for: 300)
        #expect(world.reports.first?.state == .noNetwork, "\(world.reports)")
        host.hasRoute = true
        #expect(world.isOnline(within: .seconds(2)), "\(world.reports)")
    }
}
