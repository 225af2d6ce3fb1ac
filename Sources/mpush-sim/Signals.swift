import CLinux
import Glibc
import NIOCore
import NIOPosix

/// SIGINT and SIGTERM, read from a descriptor (signalfd(2)) by the event loop.
enum Signals {
    private static var set: sigset_t {
        var set = sigset_t()
        sigemptyset(&set)
        sigaddset(&set, SIGINT)
        sigaddset(&set, SIGTERM)
        return set
    }

    /// Keeps them from ending the process. To be called before there is a second thread.
    static func block() {
        var set = Self.set
        pthread_sigmask(SIG_BLOCK, &set, nil)
    }

    /// Calls `action` on the loop when one of them comes.
    static func watch(on loop: any EventLoop, _ action: @escaping @Sendable () -> Void) -> EventLoopFuture<Void> {
        var set = Self.set
        let descriptor = signalfd(-1, &set, Int32(SFD_NONBLOCK | SFD_CLOEXEC))
        guard descriptor >= 0 else { return loop.makeFailedFuture(IOError(errnoCode: errno, reason: "signalfd")) }
        return NIOPipeBootstrap(group: loop)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(SignalHandler(action))
                }
            }
            .takingOwnershipOfDescriptor(input: descriptor).map { _ in }
    }
}

/// Calls back when a signal was read.
private final class SignalHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let action: @Sendable () -> Void

    init(_ action: @escaping @Sendable () -> Void) {
        self.action = action
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        action()
    }
}
