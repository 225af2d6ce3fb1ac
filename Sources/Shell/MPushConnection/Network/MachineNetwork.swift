import Glibc
package import MPushModel
package import MPushPlatform
package import NIOCore
import NIOPosix

/// The network of this machine: getaddrinfo(3), which asks whatever the machine is set up to ask, each lookup on a thread of
/// its own for as long as it takes; and NIO's TCP.
package struct MachineNetwork: Network {
    private let threads: any ThreadStarter
    private let ask: @Sendable (String, UInt16, AddressFamily) -> Addresses

    /// - Parameter ask: what may block; getaddrinfo(3) where not given.
    package init(
        threads: any ThreadStarter,
        asking ask: @escaping @Sendable (_ host: String, _ port: UInt16, _ family: AddressFamily) -> Addresses =
            MachineNetwork.askResolver
    ) {
        self.threads = threads
        self.ask = ask
    }

    package func resolve(
        _ host: String, port: UInt16, _ family: AddressFamily, on eventLoop: any EventLoop,
        done: @escaping (Addresses) -> Void
    ) throws(OSError) {
        let answered = NIOLoopBound(done, eventLoop: eventLoop)
        try threads.run { [ask] in
            let addresses = ask(host, port, family)
            eventLoop.execute { answered.value(addresses) }
        }
    }

    package func connect(
        to address: SocketAddress, timeout: Duration, userTimeout: Duration, on eventLoop: any EventLoop,
        onChannel: @escaping (any Channel) -> Void
    ) -> EventLoopFuture<any Channel> {
        let milliseconds = ChannelOptions.Types.SocketOption.Value(clamping: userTimeout.wholeMilliseconds)
        let onChannel = NIOLoopBound(onChannel, eventLoop: eventLoop)
        return ClientBootstrap(group: eventLoop)
            .connectTimeout(.nanoseconds(timeout.wholeNanoseconds))
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelOption(.tcpOption(.init(rawValue: TCP_USER_TIMEOUT)), value: milliseconds)
            .channelOption(.autoRead, value: false)
            .channelInitializer { channel in
                onChannel.value(channel)
                return channel.eventLoop.makeSucceededVoidFuture()
            }
            .connect(to: address)
    }

    package func connect(
        to address: SocketAddress, timeout: Duration, maximumSegment: Int, on eventLoop: any EventLoop
    ) -> EventLoopFuture<any Channel>? {
        ClientBootstrap(group: eventLoop)
            .connectTimeout(.nanoseconds(timeout.wholeNanoseconds))
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelOption(
                .tcpOption(.init(rawValue: TCP_MAXSEG)),
                value: ChannelOptions.Types.SocketOption.Value(clamping: maximumSegment)
            )
            .channelOption(.autoRead, value: false)
            .connect(to: address)
    }

    /// Asks getaddrinfo(3), which may block for long.
    package static func askResolver(_ host: String, _ port: UInt16, _ family: AddressFamily) -> Addresses {
        do throws(LookupFailure) {
            let addresses = try AddressList(of: host, port: port, family).addresses
            return addresses.isEmpty
                ? .failure(LookupFailure(detail: "it has no address", isDefinite: true)) : .success(addresses)
        } catch {
            return .failure(error)
        }
    }
}
