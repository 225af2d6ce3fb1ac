import MPushSimulator
import NIOCore

/// Cuts what a channel reads into lines.
final class LineHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private var splitter = LineSplitter()
    private let take: (String) -> Void
    private let atEnd: () -> Void

    /// Calls `take` for each line, then `atEnd`.
    init(_ take: @escaping (String) -> Void, atEnd: @escaping () -> Void) {
        self.take = take
        self.atEnd = atEnd
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        splitter.append(unwrapInboundIn(data).readableBytesView).forEach(take)
    }

    func channelInactive(context: ChannelHandlerContext) {
        splitter.end().map(take)
        atEnd()
        context.fireChannelInactive()
    }
}
