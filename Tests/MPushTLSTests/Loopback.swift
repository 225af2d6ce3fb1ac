import MPushPlatform
import MPushTLS
import NIOCore
import NIOPosix

/// Real sockets on 127.0.0.1. Its event loop and all channels go with it.
final class Loopback {
    /// A test that waits for an end that does not come fails by then, and does not hang.
    private static let longestConnection = TimeAmount.seconds(30)

    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    private var channels: [any Channel] = []

    deinit {
        for channel in channels { try? channel.close().wait() }
        try? group.syncShutdownGracefully()
    }

    /// A connection under way, and what will become of it.
    struct Connection {
        let channel: any Channel
        let established: EventLoopFuture<TLSConnectionInfo>
        let ended: EventLoopFuture<ConnectionRecorder.Record>
    }

    /// A server that speaks TLS and then behaves as told; its port. The records of its connections go to `records`.
    func serve(
        _ context: TLSContext, _ behaviour: ConnectionRecorder.Behaviour,
        timeout: Duration = .seconds(10), records: Records = Records()
    ) throws -> Int {
        try listen { channel in
            let pipeline = channel.pipeline.syncOperations
            try pipeline.addHandler(
                TLSHandler(
                    server: context, handshakeTimeout: timeout,
                    timer: LoopTimer(on: channel.eventLoop, clock: MachineClock())))
            let ended = channel.eventLoop.makePromise(of: ConnectionRecorder.Record.self)
            let established = channel.eventLoop.makePromise(of: TLSConnectionInfo.self)
            records.append(ended.futureResult)
            try pipeline.addHandler(ConnectionRecorder(behaviour, established: established, ended: ended))
        }
    }

    /// A server that does whatever the handlers added by `initialize` do; its port.
    func listen(_ initialize: @escaping @Sendable (any Channel) throws -> Void) throws -> Int {
        let channel = try ServerBootstrap(group: group)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try initialize(channel) }
            }
            .bind(host: "127.0.0.1", port: 0).wait()
        channels.append(channel)
        return try channel.localAddress?.port ?? { throw ChannelError.unknownLocalAddress }()
    }

    /// A client's connection to `port`.
    func connect(
        _ context: TLSContext, name: String = "push.example.com", port: Int, sessionPort: Int? = nil,
        sessions: TLSSessionCache? = nil, timeout: Duration = .seconds(10), _ behaviour: ConnectionRecorder.Behaviour
    ) throws -> Connection {
        let loop = group.next()
        let ended = loop.makePromise(of: ConnectionRecorder.Record.self)
        let established = loop.makePromise(of: TLSConnectionInfo.self)
        let channel = try ClientBootstrap(group: loop)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let handler = try TLSHandler(
                        client: context, serverName: name, port: sessionPort ?? port, sessions: sessions,
                        handshakeTimeout: timeout,
                        timer: LoopTimer(on: channel.eventLoop, clock: MachineClock()))
                    try channel.pipeline.syncOperations.addHandler(handler)
                    try channel.pipeline.syncOperations.addHandler(
                        ConnectionRecorder(behaviour, established: established, ended: ended))
                }
            }
            .connect(host: "127.0.0.1", port: port).wait()
        channel.eventLoop.scheduleTask(in: Loopback.longestConnection) { channel.close(promise: nil) }
        return Connection(channel: channel, established: established.futureResult, ended: ended.futureResult)
    }

    /// A connection that sends nothing.
    func connectPlain(port: Int) throws -> any Channel {
        let channel = try ClientBootstrap(group: group).connect(host: "127.0.0.1", port: port).wait()
        channels.append(channel)
        return channel
    }
}
