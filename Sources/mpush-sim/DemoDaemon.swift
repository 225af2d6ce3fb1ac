import Glibc
import MPushPlatform
import MPushSimulator
import NIOCore
import NIOPosix

/// mpushd as a child process, its output read line by line. Belongs to the event loop.
final class DemoDaemon {
    private static let reapInterval = Duration.milliseconds(10)

    private let timer: LoopTimer
    private let loop: any EventLoop
    private let observe: (DemoObservation) -> Void
    private let ended: (DemoExit) -> Void
    private var child: pid_t?
    private var openPipes = 0

    /// Tells `observe` of each line that mpushd writes, then `ended` how it ended, once, when there is nothing left to read.
    init(_ timer: LoopTimer, observe: @escaping (DemoObservation) -> Void, ended: @escaping (DemoExit) -> Void) {
        self.timer = timer
        loop = timer.eventLoop
        self.observe = observe
        self.ended = ended
    }

    /// The absolute path of the program at `path`, if it is one.
    static func program(at path: String) throws(ProgramFailure) -> String {
        guard let real = realpath(path, nil) else { throw .noInput(path, errno) }
        defer { free(real) }
        var status = stat()
        guard stat(real, &status) == 0 else { throw .noInput(path, errno) }
        guard status.st_mode & S_IFMT == S_IFREG, access(real, X_OK) == 0 else {
            throw .unavailable("\(path): not a program")
        }
        return String(cString: real)
    }

    /// Runs `program` with `configuration`, once.
    func start(_ program: String, configuration: String) throws(ProgramFailure) {
        let output = try Pipe()
        let log = try Pipe()
        let arguments = [program, "run", "--config", configuration, "--print"]
        child = try ChildProcess.spawn(arguments, output: output.writeEnd, error: log.writeEnd)
        output.closeWriteEnd()
        log.closeWriteEnd()
        read(output) { .message($0) }
        read(log) { .log(DemoLogLine($0)) }
    }

    /// Sends it the signal `number`, while it runs.
    func signal(_ number: Int32) {
        if let child { kill(child, number) }
    }

    private func read(_ pipe: Pipe, _ observation: @escaping @Sendable (String) -> DemoObservation) {
        openPipes += 1
        let daemon = NIOLoopBound(self, eventLoop: loop)
        let handler = NIOLoopBound(
            LineHandler {
                daemon.value.observe(observation($0))
            } atEnd: {
                daemon.value.pipeEnded()
            }, eventLoop: loop)
        NIOPipeBootstrap(group: loop)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(handler.value)
                }
            }
            .takingOwnershipOfDescriptor(input: pipe.readEnd)
            .whenFailure { _ in daemon.value.pipeEnded() }
    }

    private func pipeEnded() {
        openPipes -= 1
        if openPipes == 0 { reap() }
    }

    /// The pipes ended because the process did, a moment before it can be waited for.
    private func reap() {
        guard let child else { return }
        guard let exit = ChildProcess.exit(of: child) else {
            timer.schedule(in: Self.reapInterval) { self.reap() }
            return
        }
        self.child = nil
        ended(exit)
    }
}

/// Cuts what a channel reads into lines.
final class LineHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private var splitter = LineSplitter()
    private let handle: (String) -> Void
    private let atEnd: () -> Void

    /// Calls `handle` for each line, then `atEnd`.
    init(_ handle: @escaping (String) -> Void, atEnd: @escaping () -> Void) {
        self.handle = handle
        self.atEnd = atEnd
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        splitter.append(unwrapInboundIn(data).readableBytesView).forEach(handle)
    }

    func channelInactive(context: ChannelHandlerContext) {
        splitter.end().map(handle)
        atEnd()
        context.fireChannelInactive()
    }
}
