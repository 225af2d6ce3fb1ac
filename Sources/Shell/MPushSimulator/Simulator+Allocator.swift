import MPushTLS
package import NIOCore

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
        return configuration.network
            .listen(at: address, on: loop) { channel in
                channel.eventLoop.makeCompletedFuture { try core.value.prepareAllocator(channel, isSecured) }
            }
            .map { channel in
                core.value.allocators.append(channel)
                return channel.localAddress ?? address
            }
    }

    private func prepareAllocator(_ channel: any Channel, _ isSecured: Bool) throws {
        if isSecured, let tls {
            let timeout = configuration.handshakeTimeout
            try channel.pipeline.syncOperations.addHandler(
                TLSHandler(server: tls, handshakeTimeout: timeout, timer: loopTimer()))
        }
        try channel.pipeline.syncOperations.addHandler(AllocatorHandler(self))
    }

    /// What the allocator answers now.
    var allocatorAnswer: String {
        allocation ?? listeners.map(\.address.hostAndPort).joined(separator: ",")
    }
}

/// Just enough of HTTP/1.1 (RFC 9112) to answer any request with the allocator's list, and close.
final class AllocatorHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// The longest request head, in bytes.
    private static let maximumHead = 8 * 1024
    private static let endOfHead = Array("\r\n\r\n".utf8)

    private let core: SimulatorCore
    private var head: [UInt8] = []
    private var isAnswered = false

    init(_ core: SimulatorCore) {
        self.core = core
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isAnswered else { return }
        head += unwrapInboundIn(data).readableBytesView.prefix(Self.maximumHead - head.count)
        if head.suffix(Self.endOfHead.count) == Self.endOfHead[...] {
            answer("200 OK", core.allocatorAnswer, context)
        } else if head.count >= Self.maximumHead {
            answer("431 Request Header Fields Too Large", "", context)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }

    private func answer(_ status: String, _ text: String, _ context: ChannelHandlerContext) {
        isAnswered = true
        let head = "HTTP/1.1 \(status)\r\nContent-Type: text/plain\r\nContent-Length: \(text.utf8.count)\r\n"
        let answer = ByteBuffer(string: head + "Connection: close\r\n\r\n" + text)
        let context = NIOLoopBound(context, eventLoop: context.eventLoop)
        context.value.writeAndFlush(wrapOutboundOut(answer)).whenComplete { _ in context.value.close(promise: nil) }
    }
}
