import CLinux
package import MPushPlatform
package import NIOCore
import NIOPosix

extension ListeningSocket: LocalAPISocket {
    package func acceptClients(
        on eventLoop: any EventLoop, onFailure: @escaping (IOError) -> Void,
        prepare: @escaping (any Channel) throws -> Void
    ) -> EventLoopFuture<any Channel> {
        let calls = NIOLoopBound((onFailure: onFailure, prepare: prepare), eventLoop: eventLoop)
        return ServerBootstrap(group: eventLoop)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(AcceptFailureHandler { calls.value.onFailure($0) })
                }
            }
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelOption(.writeBufferWaterMark, value: .init(low: 32 << 10, high: 128 << 10))
            .childChannelOption(.maxMessagesPerRead, value: 4)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try calls.value.prepare(channel) }
            }
            .withBoundSocket(descriptor)
    }

    package func caller(on channel: any Channel, users: NamespaceMap, groupMap: NamespaceMap) throws -> Caller {
        let caller = try channel.pipeline.syncOperations.withUnsafeTransportIfAvailable(
            of: NIOBSDSocket.Handle.self
        ) { try Caller(of: $0, users: users, groupMap: groupMap) }
        guard let caller else { throw ChannelError.operationUnsupported }
        return caller
    }

    package func unread(on channel: any Channel) -> Int {
        let count = try? channel.pipeline.syncOperations.withUnsafeTransportIfAvailable(of: NIOBSDSocket.Handle.self) {
            Int(clinux_unread($0))
        }
        return count ?? 0
    }
}

/// Sockets of AF_UNIX of this machine.
package struct UnixSockets: LocalAPISockets {
    package init() {}

    package func handedOver() throws(ListeningError) -> (socket: any LocalAPISocket, warning: String?)? {
        guard let handed = try ListeningSocket.fromSystemd() else { return nil }
        return (handed.socket, handed.warning)
    }

    package func make(at path: String, group: UInt32?) throws(ListeningError) -> any LocalAPISocket {
        try ListeningSocket.make(at: path, group: group)
    }
}
