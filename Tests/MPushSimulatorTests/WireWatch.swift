import NIOCore

/// Looks at the wire below TLS: counts the bytes that come in, and keeps the error that ended them.
final class WireWatch: ChannelInboundHandler, @unchecked Sendable {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    /// Both are only touched on the channel's event loop.
    private var bytes = 0
    private var failure: (any Error)?

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        bytes += unwrapInboundIn(data).readableBytes
        context.fireChannelRead(data)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        failure = error
        context.fireErrorCaught(error)
    }

    func count(on channel: any Channel) async throws -> Int {
        try await channel.eventLoop.submit { self.bytes }.get()
    }

    func error(on channel: any Channel) async throws -> IOError? {
        try await channel.eventLoop.submit { self.failure as? IOError }.get()
    }
}
