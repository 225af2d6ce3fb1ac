import CLinux
import Glibc
package import NIOCore
import NIOPosix

/// Signals as events of the loop (signalfd(2)), so that nothing runs in a signal handler.
package final class SignalReader {
    /// The signals that the daemon listens to.
    package enum Signal: CInt, CaseIterable {
        case hangUp = 1
        case interrupt = 2
        case user1 = 10
        case terminate = 15
    }

    private var channel: (any Channel)?

    /// Keeps the signals from their default effect in this thread and all that it starts. Call it before any other
    /// thread exists. SIGPIPE is ignored: a peer that is gone shows as EPIPE.
    package static func blockSignals() {
        var set = signalSet()
        pthread_sigmask(SIG_BLOCK, &set, nil)
        signal(SIGPIPE, SIG_IGN)
        // Some who start programs leave it ignored, and then the kernel takes what the programs of routes ended with.
        signal(SIGCHLD, SIG_DFL)
    }

    private static func signalSet() -> sigset_t {
        var set = sigset_t()
        sigemptyset(&set)
        for signal in Signal.allCases { sigaddset(&set, signal.rawValue) }
        return set
    }

    /// Calls `onSignal` on `eventLoop`, where this has to be called, for each of the signals.
    package init(on eventLoop: any EventLoop, onSignal: @escaping (Signal) -> Void) throws(OSError) {
        var set = SignalReader.signalSet()
        let descriptor = signalfd(-1, &set, Int32(SFD_NONBLOCK) | Int32(SFD_CLOEXEC))
        guard descriptor >= 0 else { throw OSError(errno, "signalfd") }
        channel = try DescriptorReader.register(descriptor, on: eventLoop) { bytes in
            for signal in SignalReader.signals(in: bytes) { onSignal(signal) }
        }
    }

    /// Stops reading.
    package func close() {
        channel?.close(promise: nil)
        channel = nil
    }

    private static func signals(in bytes: ByteBuffer) -> [Signal] {
        let size = MemoryLayout<signalfd_siginfo>.size
        return stride(from: bytes.readerIndex, to: bytes.writerIndex, by: size).compactMap { index in
            bytes.getInteger(at: index, endianness: .host, as: UInt32.self)
                .flatMap { CInt(exactly: $0) }.flatMap(Signal.init)
        }
    }
}

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
