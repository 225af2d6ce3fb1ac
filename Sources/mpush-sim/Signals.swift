import CLinux
import Glibc
import NIOCore
import NIOPosix

/// Signals that ask the program to end, read from a descriptor (signalfd(2)) by the event loop.
struct Signals {
    /// SIGINT and SIGTERM.
    static let termination = Signals([SIGINT, SIGTERM])
    /// SIGHUP too, for what is of use only while its terminal is there.
    static let terminationOrHangup = Signals([SIGINT, SIGTERM, SIGHUP])

    private let set: sigset_t

    private init(_ numbers: [Int32]) {
        var set = sigset_t()
        sigemptyset(&set)
        for number in numbers { sigaddset(&set, number) }
        self.set = set
    }

    /// Keeps them from ending the process. To be called before there is a second thread.
    func block() {
        var set = set
        pthread_sigmask(SIG_BLOCK, &set, nil)
    }

    /// Calls `action` on the loop when one of them comes.
    func watch(on loop: any EventLoop, _ action: @escaping @Sendable () -> Void) -> EventLoopFuture<Void> {
        var set = set
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
