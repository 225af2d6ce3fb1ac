import MPushTLS
import NIOCore
import NIOPosix

extension SimulatorCore {
    private static let backlog: Int32 = 512

    /// Listens at `address`; the future has the address with the port that the kernel chose.
    func listen(at address: SocketAddress) -> EventLoopFuture<SocketAddress> {
        bind(to: address).assumeIsolated().map { channel in
            let address = channel.localAddress ?? address
            self.listeners.append(Listener(address: address, channel: channel))
            self.record(.listening(address: address.hostAndPort, isSecured: self.tls != nil))
            return address
        }.nonisolated()
    }

    /// Lets go of the sockets; connections are refused from now on.
    func closeListeners() {
        for index in listeners.indices {
            listeners[index].channel?.close(promise: nil)
            listeners[index].channel = nil
        }
    }

    /// Listens again where `closeListeners` stopped.
    func reopenListeners() -> EventLoopFuture<Void> {
        let missing = listeners.indices.filter { listeners[$0].channel == nil }
        let bound = missing.map { index in
            bind(to: listeners[index].address).assumeIsolated().map { self.listeners[index].channel = $0 }
                .nonisolated()
        }
        return EventLoopFuture.andAllSucceed(bound, on: loop)
    }

    /// Ends everything. The future is done when the last socket is closed.
    func shutDown() -> EventLoopFuture<Void> {
        var channels = listeners.compactMap(\.channel) + allocators
        listeners = []
        allocators = []
        for channel in channels { channel.close(promise: nil) }
        for connection in connectionsInOrder {
            if let channel = connection.context?.channel { channels.append(channel) }
            connection.session.behaviour.lateness = .zero
            connection.close(.shutdown)
        }
        return EventLoopFuture.andAllComplete(channels.map(\.closeFuture), on: loop).assumeIsolated()
            .map { self.log.end() }.nonisolated()
    }

    private func bind(to address: SocketAddress) -> EventLoopFuture<any Channel> {
        let core = NIOLoopBound(self, eventLoop: loop)
        return ServerBootstrap(group: loop)
            .serverChannelOption(.backlog, value: Self.backlog)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try core.value.prepare(channel) }
            }
            .bind(to: address)
    }

    /// The handlers of a connection, before it is active.
    private func prepare(_ channel: any Channel) throws {
        let faults = plan.faults(at: .accepted)
        let tls = faults.contains(.sayNothingBeforeTLS) ? nil : self.tls
        if let tls {
            let timeout = configuration.handshakeTimeout
            try channel.pipeline.syncOperations.addHandler(TLSHandler(server: tls, handshakeTimeout: timeout))
        }
        let connection = ServerConnection(self, id: nextConnectionID(), isSecured: tls != nil, faults: faults)
        try channel.pipeline.syncOperations.addHandler(connection)
    }
}
