import MPushPlatform
import NIOCore
import Testing

/// What networks are called by which the kernel sends.
@Suite struct NetworkNameTests {
    private func name(_ address: String) throws -> String? {
        MachineRoutes().network(to: try SocketAddress(ipAddress: address, port: 3000))
    }

    @Test func aNetworkIsCalledByItsPrefix() throws {
        #expect(try name("127.0.0.1") == "127.0.0.0/8")
    }

    /// One that stands for a single address says nothing: its link does.
    @Test func aNetworkOfOneAddressIsCalledByItsLink() throws {
        let name = try name("::1")
        #expect(name == "lo" || name == nil, "no IPv6")
    }

    @Test func whereNothingLeadsIsNoNetwork() throws {
        #expect(MachineRoutes().network(to: try SocketAddress(unixDomainSocketPath: "/x")) == nil)
    }
}
