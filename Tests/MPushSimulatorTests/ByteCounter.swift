import NIOCore

/// Counts the bytes that come in, below TLS.
final class ByteCounter: ChannelInboundHandler, @unchecked Sendable {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    /// Only touched on the channel's event loop.
    private var bytes = 0

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        bytes += unwrapInboundIn(data).readableBytes
        context.fireChannelRead(data)
    }

    func count(on channel: any Channel) async throws -> Int {
        try await channel.eventLoop.submit { self.bytes }.get()
    }
}
