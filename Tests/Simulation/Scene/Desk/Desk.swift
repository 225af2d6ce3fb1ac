import MPushModel
import MPushWorld
import NIOCore
import NIOHTTP1

/// What speaks with the daemon through its local API: programs of the same machine, which no network and no disk of the daemon's
/// keeps apart. They are on a host of their own in the world, because the daemon's process may be killed without them.
final class Desk {
    static let address = "10.0.0.2"

    let machine: WorldMachine
    let device: Device
    let scheduler: WorldScheduler
    let random: WorldRandom

    init(of device: Device, on network: WorldNetwork, random: WorldRandom, wall: WallTime) {
        self.device = device
        self.random = random.fork("desk")
        scheduler = network.scheduler
        machine = WorldMachine("desk", addresses: [Desk.address], on: network, random: random, wall: wall)
        let link = network.link(LocalSockets.address, Desk.address)
        link.isPrivate = true
        link.there = WorldLink.Way(latency: .microseconds(20), jitter: .zero)
        link.back = link.there
    }

    /// Whether somebody has to answer there.
    var isServed: Bool { device.service != nil && device.hasPower && !device.machine.loop.isAsleep }

    /// Asks for something; `handle` hears what comes of it.
    @discardableResult
    func ask(
        _ method: HTTPMethod, _ path: String, body: String? = nil, _ handle: @escaping (APIRequest.News) -> Void
    ) -> APIRequest {
        let request = APIRequest(method, path, body: body, handle)
        guard let address = try? SocketAddress(ipAddress: LocalSockets.address, port: LocalSockets.port) else {
            return request
        }
        machine.host.connect(
            to: address, timeout: .seconds(10), userTimeout: .seconds(30), on: machine.loop, onChannel: { _ in }
        ).assumeIsolated().whenComplete { result in
            switch result {
            case .success(let channel): request.begin(on: channel)
            case .failure: request.end()
            }
        }
        return request
    }
}

/// One request to the local API, on a connection of its own.
final class APIRequest: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    enum News {
        case status(Int)
        case bytes(ByteBuffer)
        /// The answer is complete.
        case complete
        /// The connection has ended, or there was none. Comes last, and once.
        case over
    }

    private let method: HTTPMethod
    private let path: String
    private let body: String?
    private let handle: (News) -> Void
    private var channel: (any Channel)?
    private var isCancelled = false
    private var isOver = false

    init(_ method: HTTPMethod, _ path: String, body: String?, _ handle: @escaping (News) -> Void) {
        (self.method, self.path, self.body, self.handle) = (method, path, body, handle)
    }

    fileprivate func begin(on channel: any Channel) {
        guard !isCancelled else { return channel.close(promise: nil) }
        self.channel = channel
        channel.closeFuture.assumeIsolated().whenComplete { [self] _ in end() }
        do {
            let decoder = HTTPResponseDecoder(leftOverBytesStrategy: .dropBytes)
            for handler in [HTTPRequestEncoder(), ByteToMessageHandler(decoder), self] as [any ChannelHandler] {
                try channel.pipeline.syncOperations.addHandler(handler)
            }
        } catch {
            return channel.close(promise: nil)
        }
        var head = HTTPRequestHead(version: .http1_1, method: method, uri: path)
        head.headers.add(name: "Host", value: "localhost")
        head.headers.add(name: "Connection", value: "close")
        if let body { head.headers.add(name: "Content-Length", value: String(body.utf8.count)) }
        channel.write(HTTPClientRequestPart.head(head), promise: nil)
        if let body {
            channel.write(HTTPClientRequestPart.body(.byteBuffer(ByteBuffer(string: body))), promise: nil)
        }
        channel.writeAndFlush(HTTPClientRequestPart.end(nil), promise: nil)
        reads(true)
    }

    /// Whether it takes what comes.
    func reads(_ isReading: Bool) { try? channel?.syncOptions?.setOption(.autoRead, value: isReading) }

    /// Hangs up; nothing comes any more but that it is over.
    func cancel() {
        isCancelled = true
        guard let channel else { return end() }
        channel.close(promise: nil)
    }

    fileprivate func end() {
        guard !isOver else { return }
        isOver = true
        handle(.over)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isCancelled else { return }
        switch unwrapInboundIn(data) {
        case .head(let head): handle(.status(Int(head.status.code)))
        case .body(let bytes): handle(.bytes(bytes))
        case .end: handle(.complete)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
