import NIOCore
import NIOPosix

/// Calls back on its event loop whenever a descriptor of the kernel's own kind (timerfd, signalfd) has something to
/// read. Owns the descriptor from the moment at which it is registered.
final class DescriptorReader: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let onRead: (ByteBuffer) -> Void

    private init(onRead: @escaping (ByteBuffer) -> Void) {
        self.onRead = onRead
    }

    /// Reads `descriptor`, which is non-blocking, on `eventLoop`; to be called there. The future has the channel whose
    /// closing closes the descriptor.
    static func register(
        _ descriptor: CInt, on eventLoop: any EventLoop, onRead: @escaping (ByteBuffer) -> Void
    ) -> EventLoopFuture<any Channel> {
        let handler = NIOLoopBound(DescriptorReader(onRead: onRead), eventLoop: eventLoop)
        return NIOPipeBootstrap(group: eventLoop)
            // The default shrinks with what was read, and a signalfd refuses a buffer that does not hold a whole record.
            .channelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 1024))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(handler.value)
                }
            }
            .takingOwnershipOfDescriptor(input: descriptor)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        onRead(unwrapInboundIn(data))
    }
}
