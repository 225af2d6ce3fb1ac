package import NIOCore
import NIOPosix

/// Where a simulator listens: the machine's network, or another one that stands in for it.
package protocol SimulatorNetwork: Sendable {
    /// Listens at `address`; the future has the listening channel, whose local address names the port that was chosen.
    /// - Parameter prepare: gets each accepted channel, which belongs to `loop`, before it is active.
    func listen(
        at address: SocketAddress, on loop: any EventLoop,
        prepare: @escaping @Sendable (any Channel) -> EventLoopFuture<Void>
    ) -> EventLoopFuture<any Channel>
}

/// TCP of the machine.
package struct BootstrapNetwork: SimulatorNetwork {
    private static let backlog: Int32 = 512

    package init() {}

    package func listen(
        at address: SocketAddress, on loop: any EventLoop,
        prepare: @escaping @Sendable (any Channel) -> EventLoopFuture<Void>
    ) -> EventLoopFuture<any Channel> {
        ServerBootstrap(group: loop)
            .serverChannelOption(.backlog, value: Self.backlog)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer(prepare)
            .bind(to: address)
    }
}
