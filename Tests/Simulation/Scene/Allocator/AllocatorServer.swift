import MPushModel
import MPushWorld
import NIOCore

/// What an allocator does wrong.
enum AllocatorFault: CaseIterable {
    /// 503.
    case unavailable
    case namesNobody
    /// Servers that are not there.
    case namesTheDead
    case rubbish
    case silent
    case closes
}

/// An allocator on a machine of its own: it tells the daemon which servers there are, in another order each time.
final class AllocatorServer: @unchecked Sendable {
    static let address = "203.0.113.81"
    private static let host = "alloc.world"
    static let url = "http://\(host)/list"

    private let machine: WorldMachine
    private let random: WorldRandom
    private let servers: [String]
    /// Of every answer.
    var fault: AllocatorFault?

    init(on network: WorldNetwork, random: WorldRandom, servers: [String], wall: WallTime) {
        self.random = random.fork("allocator")
        self.servers = servers
        machine = WorldMachine(
            "allocator", addresses: [AllocatorServer.address], on: network, random: random, wall: wall)
    }

    func start(known names: WorldNames) {
        names.set(AllocatorServer.host, [AllocatorServer.address])
        guard let address = try? SocketAddress(ipAddress: AllocatorServer.address, port: 80) else { return }
        machine.host.listen(at: address, on: machine.loop) { channel in
            channel.eventLoop.makeCompletedFuture {
                try channel.pipeline.syncOperations.addHandler(AllocatorConnection(of: self))
            }
        }.whenFailure { _ in }
    }

    func hang(for duration: Duration) {
        guard !machine.loop.isAsleep else { return }
        machine.hang(for: duration)
    }

    /// What is answered to a question; nil for nothing at all.
    fileprivate func answer() -> String? {
        let list: String
        switch fault {
        case .unavailable: return AllocatorServer.response("503 Service Unavailable", "")
        case .rubbish: return "220 smtp.world\r\n\r\n"
        case .silent: return nil
        case .closes: return ""
        case .namesNobody: list = " ,\n"
        case .namesTheDead: list = "203.0.113.98:\(PushServer.port),gone.world:\(PushServer.port)"
        case nil:
            let first = random.below(servers.count)
            list = (servers[first...] + servers[..<first]).joined(separator: random.chance(0.5) ? "," : ", ")
        }
        return AllocatorServer.response("200 OK", list)
    }

    private static func response(_ status: String, _ body: String) -> String {
        "HTTP/1.1 \(status)\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }
}

private final class AllocatorConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let server: AllocatorServer
    private var text = ""

    init(of server: AllocatorServer) {
        self.server = server
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        text += String(buffer: unwrapInboundIn(data))
        guard text.hasSuffix("\r\n\r\n"), let answer = server.answer() else { return }
        guard !answer.isEmpty else { return context.close(promise: nil) }
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: answer)), promise: nil)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}

extension Trouble {
    static func allocator(_ server: AllocatorServer) -> [Trouble] {
        [
            Trouble("the allocator fails", weight: 4, leadsTo: ["allocator", "connect", "resolve", "tls"]) { world in
                server.fault = world.random.element(of: AllocatorFault.allCases)
                world.note("\(server.fault.map { "\($0)" } ?? "")")
                world.undo(in: .seconds(10) ... .seconds(12 * 3600)) { server.fault = nil }
            },
            Trouble("the allocator hangs", leadsTo: ["allocator"], lasts: .seconds(3600)) { world in
                server.hang(for: world.random.skewedDuration(in: .seconds(1) ... .seconds(3600)))
            },
            Trouble("the way to the allocator is silent", leadsTo: ["allocator"]) { world in
                let link = world.network.link(Device.address, AllocatorServer.address)
                link.setSilent(true)
                world.undo(in: .seconds(10) ... .seconds(4 * 3600)) { link.setSilent(false) }
            },
        ]
    }
}
