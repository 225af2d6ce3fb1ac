import Glibc
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

    /// Reads `descriptor`, which is non-blocking, on `eventLoop`; to be called there. Returns the channel whose closing
    /// closes the descriptor.
    ///
    /// Throws `OSError` where the loop cannot wait for it: a timer or signals that nobody hears would leave the daemon deaf.
    /// NIO may have closed the descriptor then or not, so nobody may touch it.
    static func register(
        _ descriptor: CInt, on eventLoop: any EventLoop, onRead: @escaping (ByteBuffer) -> Void
    ) throws(OSError) -> any Channel {
        let handler = NIOLoopBound(DescriptorReader(onRead: onRead), eventLoop: eventLoop)
        // On its own loop all of it is done when the call returns.
        var result: Result<any Channel, any Error>?
        NIOPipeBootstrap(group: eventLoop)
            // The default shrinks with what was read, and a signalfd refuses a buffer that does not hold a whole record.
            .channelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 1024))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(handler.value)
                }
            }
            .takingOwnershipOfDescriptor(input: descriptor)
            .assumeIsolated().whenComplete { result = $0 }
        switch result {
        case .success(let channel): return channel
        case .failure(let error as IOError): throw OSError(error.errnoCode, "epoll_ctl")
        case .failure, nil: throw OSError(EINVAL, "epoll_ctl")
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        onRead(unwrapInboundIn(data))
    }
}
