import Glibc
import MPushLocalAPI
import MPushModel
import MPushPlatform
import MPushWorld
import NIOCore

/// The socket of the local API, in a world: an address of a host that only the daemon's machine reaches.
final class LocalSockets: LocalAPISockets, @unchecked Sendable {
    static let address = "10.0.0.1"
    static let port = 1
    static let path = "/world/mpushd.sock"

    private let host: WorldHost

    init(on host: WorldHost) {
        self.host = host
    }

    func handedOver() throws(ListeningError) -> (socket: any LocalAPISocket, warning: String?)? { nil }

    func make(at path: String, group: UInt32?) throws(ListeningError) -> any LocalAPISocket {
        LocalSocket(host: host, path: path)
    }
}

private struct LocalSocket: LocalAPISocket {
    let host: WorldHost
    let path: String

    func acceptClients(
        on eventLoop: any EventLoop, onFailure: @escaping (IOError) -> Void,
        prepare: @escaping (any Channel) throws -> Void
    ) -> EventLoopFuture<any Channel> {
        guard let address = try? SocketAddress(ipAddress: LocalSockets.address, port: LocalSockets.port) else {
            return eventLoop.makeFailedFuture(ChannelError.operationUnsupported)
        }
        let prepare = NIOLoopBound(prepare, eventLoop: eventLoop)
        return host.listen(at: address, on: eventLoop) { channel in
            channel.eventLoop.makeCompletedFuture {
                let options = channel.syncOptions
                try options?.setOption(.allowRemoteHalfClosure, value: true)
                try options?.setOption(.writeBufferWaterMark, value: .init(low: 32 << 10, high: 128 << 10))
                try options?.setOption(.maxMessagesPerRead, value: 4)
                try prepare.value(channel)
            }
        }
    }

    /// The daemon's own user.
    func caller(on channel: any Channel, users: NamespaceMap, groupMap: NamespaceMap) throws -> Caller {
        Caller(processID: 4711, userID: geteuid(), groups: [])
    }

    func unread(on channel: any Channel) -> Int { 0 }

    func removeFile() {}
}
