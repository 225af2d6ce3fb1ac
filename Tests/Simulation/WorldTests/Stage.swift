import Glibc
import MPushModel
import MPushPlatform
import MPushSimulator
import MPushTLS
import MPushWorld
import NIOCore

/// A client and a server on a network, and what both see of a connection.
final class Stage: @unchecked Sendable {
    static let clientIP = "192.0.2.1"
    static let serverIP = "198.51.100.7"

    let scheduler = WorldScheduler()
    let random: WorldRandom
    let network: WorldNetwork
    let client: WorldMachine
    let server: WorldMachine
    let address: SocketAddress
    /// What the server's ends of the connections saw, the first first.
    private(set) var accepted: [Watcher] = []
    private(set) var listener: (any Channel)?

    /// 2026-01-01
    static let usualWall = WallTime(millisecondsSince1970: 1_767_225_600_000)

    init(seed: UInt64 = 1, wall: WallTime = usualWall) throws {
        random = WorldRandom(seed: seed)
        network = WorldNetwork(on: scheduler, random: random.fork("network"))
        network.scheduler.trace.mostLines = 2000
        client = WorldMachine(
            "client", addresses: [Stage.clientIP, "2001:db8::1"], on: network, random: random, wall: wall)
        server = WorldMachine("server", addresses: [Stage.serverIP], on: network, random: random)
        address = try SocketAddress(ipAddress: Stage.serverIP, port: 3000)
    }

    var link: WorldLink { network.link(Stage.clientIP, Stage.serverIP) }

    /// Accepts connections; each has a `Watcher` that `change` sets up, above TLS where there is a context.
    func listen(tls: TLSContext? = nil, _ change: @escaping @Sendable (Watcher) -> Void = { _ in }) throws {
        let future = server.host.listen(at: address, on: server.loop) { channel in
            let watcher = Watcher()
            change(watcher)
            self.accepted.append(watcher)
            return channel.eventLoop.makeCompletedFuture {
                if let tls {
                    let timer = try LoopTimer(on: channel.eventLoop, clock: self.server.clock)
                    try channel.pipeline.syncOperations.addHandler(
                        TLSHandler(server: tls, handshakeTimeout: .seconds(10), timer: timer))
                }
                try channel.pipeline.syncOperations.addHandler(watcher)
            }
        }
        listener = try future.wait()
    }

    /// A connection as soon as it is there, with a watcher at its client's end. It reads.
    func connect(
        to address: SocketAddress? = nil, timeout: Duration = .seconds(10), userTimeout: Duration = .seconds(30),
        tls: TLSContext? = nil, reads: Bool = true
    ) throws -> Watcher {
        let channel = try open(to: address, timeout: timeout, userTimeout: userTimeout)
            .isDone(in: scheduler, upTo: .seconds(600))
        let watcher = Watcher()
        if let tls {
            let timer = try LoopTimer(on: channel.eventLoop, clock: client.clock)
            try channel.pipeline.syncOperations.addHandler(
                TLSHandler(
                    client: tls, serverName: "push.example.com", port: 3000, sessions: nil,
                    handshakeTimeout: .seconds(10), timer: timer))
        }
        try channel.pipeline.syncOperations.addHandler(watcher)
        watcher.channel = channel
        if reads { channel.setOption(ChannelOptions.autoRead, value: true).whenFailure { _ in } }
        return watcher
    }

    func open(
        to address: SocketAddress? = nil, timeout: Duration = .seconds(10), userTimeout: Duration = .seconds(30)
    ) -> EventLoopFuture<any Channel> {
        client.host.connect(
            to: address ?? self.address, timeout: timeout, userTimeout: userTimeout, on: client.loop,
            onChannel: { _ in })
    }

    /// Runs until `condition` holds; whether it does within `limit`.
    func run(upTo limit: Duration = .seconds(60), until condition: () -> Bool) -> Bool {
        scheduler.run(upTo: limit, until: condition)
    }

    /// The number of errno(3) with which a connection fails.
    func refusal(to address: SocketAddress? = nil, timeout: Duration = .seconds(10)) -> CInt? {
        do {
            _ = try open(to: address, timeout: timeout).isDone(in: scheduler)
            return nil
        } catch let error as IOError {
            return error.errnoCode
        } catch {
            return -1
        }
    }
}

/// Writes down what a handler sees of its connection.
final class Watcher: ChannelInboundHandler, @unchecked Sendable {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// Without reads, which come in pieces by chance.
    var order: [String] = []
    var received = ByteBuffer()
    var pieces: [Int] = []
    var errors: [any Error] = []
    var writability: [Bool] = []
    var channel: (any Channel)?
    var echoes = false
    var isClosed = false
    var onActive: ((any Channel) -> Void)?
    /// When the connection broke, as the world counts.
    var closedAt: NIODeadline?

    var errno: CInt? { (errors.first as? IOError)?.errnoCode }
    var text: String { String(buffer: received) }

    func channelRegistered(context: ChannelHandlerContext) { order.append("registered") }

    func channelActive(context: ChannelHandlerContext) {
        order.append("active")
        channel = context.channel
        onActive?(context.channel)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        pieces.append(bytes.readableBytes)
        if echoes { context.writeAndFlush(wrapOutboundOut(bytes), promise: nil) }
        received.writeBuffer(&bytes)
        if order.last != "read" { order.append("read") }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let event = event as? ChannelEvent { order.append("\(event)") }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) { writability.append(context.channel.isWritable) }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        errors.append(error)
        order.append("error")
    }

    func channelInactive(context: ChannelHandlerContext) {
        isClosed = true
        closedAt = context.eventLoop.now
        order.append("inactive")
    }

    func channelUnregistered(context: ChannelHandlerContext) { order.append("unregistered") }

    func send(_ text: String) { channel?.writeAndFlush(ByteBuffer(string: text), promise: nil) }

    func send(_ bytes: ByteBuffer) { channel?.writeAndFlush(bytes, promise: nil) }
}
