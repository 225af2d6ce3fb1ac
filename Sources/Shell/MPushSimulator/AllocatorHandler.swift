import NIOCore

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
