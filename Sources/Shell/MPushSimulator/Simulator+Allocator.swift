import MPushTLS
package import NIOCore
import NIOPosix

extension Simulator {
    /// Serves the allocator's list (PROTOCOL.md section 8) over HTTP at `host` and `port`, with the simulator's TLS
    /// where `isSecured`. The list is the simulator's own addresses unless `allocate` says otherwise.
    package func startAllocator(
        host: String = "127.0.0.1", port: Int = 0, isSecured: Bool = false
    ) -> EventLoopFuture<SocketAddress> {
        onLoop { core in
            do {
                return core.startAllocator(at: try SocketAddress(ipAddress: host, port: port), isSecured: isSecured)
            } catch {
                return core.loop.makeFailedFuture(error)
            }
        }
    }

    /// What the allocator answers from now on, whatever it is; nil for the simulator's own addresses.
    package func allocate(_ text: String?) -> EventLoopFuture<Void> {
        onLoop { core in
            core.allocation = text
            return core.loop.makeSucceededVoidFuture()
        }
    }
}

extension SimulatorCore {
    fileprivate func startAllocator(at address: SocketAddress, isSecured: Bool) -> EventLoopFuture<SocketAddress> {
        let core = NIOLoopBound(self, eventLoop: loop)
        return ServerBootstrap(group: loop)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try core.value.prepareAllocator(channel, isSecured) }
            }
            .bind(to: address)
            .map { channel in
                core.value.allocators.append(channel)
                return channel.localAddress ?? address
            }
    }

    private func prepareAllocator(_ channel: any Channel, _ isSecured: Bool) throws {
        if isSecured, let tls {
            let timeout = configuration.handshakeTimeout
            try channel.pipeline.syncOperations.addHandler(TLSHandler(server: tls, handshakeTimeout: timeout))
        }
        try channel.pipeline.syncOperations.addHandler(AllocatorHandler(self))
    }

    /// What the allocator answers now.
    var allocatorAnswer: String {
        allocation ?? listeners.map(\.address.hostAndPort).joined(separator: ",")
    }
}
