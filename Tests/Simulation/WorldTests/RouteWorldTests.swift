import MPushControl
import MPushModel
import MPushWorld
import Testing

@testable import MPushScene

/// What is said of routes to a server need not be so, and need not be said.
@Suite(.serialized) struct RouteWorldTests {
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
