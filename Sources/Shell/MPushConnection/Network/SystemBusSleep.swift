import MPushModel
package import MPushPlatform
import MPushWire
import NIOCore
import NIOPosix

/// What logind says on the system bus (org.freedesktop.login1(5)). A bus that is away is tried again, less and less often.
///
/// libsystemd could do it, but its connection wants to be told when its descriptor can be read, and NIO waits for no
/// descriptor that it does not read itself. One that sends two calls and hears one signal is small.
package struct SystemBusSleep: SleepNews {
    /// Where a machine has its bus (D-Bus specification, "Well-known Message Bus Instances").
    private static let usualPath = "/run/dbus/system_bus_socket"

    private let path: String?

    /// - Parameter address: DBUS_SYSTEM_BUS_ADDRESS, where it is set. Only a socket that has a path is used.
    package init(address: String?) {
        path = address.map { SystemBusSleep.path(in: $0) } ?? SystemBusSleep.usualPath
    }

    /// `unix:path=/run/bus,guid=...`, the first of several; nil where it is of another kind, or has an escape.
    private static func path(in address: String) -> String? {
        guard let first = address.split(separator: ";").first, first.hasPrefix("unix:") else { return nil }
        let keys = first.dropFirst("unix:".count).split(separator: ",")
        let path = keys.first { $0.hasPrefix("path=/") }?.dropFirst("path=".count)
        return path.flatMap { $0.contains("%") ? nil : String($0) }
    }

    package func watch(by timer: LoopTimer, onNews: @escaping (SleepEvent) -> Void) -> any SleepWatch {
        let watch = BusWatch(path, timer: timer, onNews: onNews)
        watch.start()
        return watch
    }
}

/// Keeps a connection to the bus.
private final class BusWatch: SleepWatch {
    private static let shortestPause = Duration.seconds(10)
    private static let longestPause = Duration.seconds(6 * 3600)

    private let path: String?
    private let timer: LoopTimer
    private let onNews: (SleepEvent) -> Void
    private var channel: (any Channel)?
    private var pause = BusWatch.shortestPause
    private var retry: LoopTimer.Owner?
    private var isClosed = false

    init(_ path: String?, timer: LoopTimer, onNews: @escaping (SleepEvent) -> Void) {
        self.path = path
        self.timer = timer
        self.onNews = onNews
    }

    func start() {
        retry = nil
        guard let path else { return onNews(.unheard(reason: "DBUS_SYSTEM_BUS_ADDRESS names no socket with a path")) }
        let handler = NIOLoopBound(
            BusHandler { [weak self] in self?.heard($0) }, eventLoop: timer.eventLoop)
        ClientBootstrap(group: timer.eventLoop)
            .channelOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: 1024))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(handler.value)
                }
            }
            .connect(unixDomainSocketPath: path)
            .assumeIsolated().whenComplete { [weak self] result in
                guard let self, !isClosed else {
                    _ = try? result.get().close(promise: nil)
                    return
                }
                switch result {
                case .success(let channel): connected(channel)
                case .failure(let error as IOError): lost(OSError.text(for: error.errnoCode))
                case .failure(let error): lost("\(error)")
                }
            }
    }

    private func connected(_ channel: any Channel) {
        self.channel = channel
        channel.closeFuture.assumeIsolated().whenComplete { [weak self] _ in
            guard let self, self.channel === channel else { return }
            lost("the connection was closed")
        }
    }

    private func heard(_ action: SleepListener.Action) {
        guard !isClosed else { return }
        switch action {
        case .listening:
            pause = BusWatch.shortestPause
            onNews(.listening)
        case .sleeps: onNews(.sleeps)
        case .woke: onNews(.woke)
        case .send: break
        case .fail(let detail):
            let channel = channel
            lost(detail)
            channel?.close(promise: nil)
        }
    }

    private func lost(_ reason: String) {
        guard !isClosed, retry == nil else { return }
        channel = nil
        onNews(.unheard(reason: reason))
        retry = timer.schedule(in: pause) { [weak self] in self?.start() }
        pause = min(pause * 2, BusWatch.longestPause)
    }

    func close() {
        isClosed = true
        if let retry { timer.remove(retry) }
        channel?.close(promise: nil)
        channel = nil
    }
}

/// Tells the listener what the bus sends, and the bus what the listener says.
private final class BusHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private var listener = SleepListener()
    private let onAction: (SleepListener.Action) -> Void

    init(onAction: @escaping (SleepListener.Action) -> Void) {
        self.onAction = onAction
    }

    func channelActive(context: ChannelHandlerContext) {
        send(listener.opening, context)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        for action in listener.received(unwrapInboundIn(data)) {
            if case .send(let bytes) = action { send(bytes, context) }
            onAction(action)
        }
    }

    private func send(_ bytes: [UInt8], _ context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(context.channel.allocator.buffer(bytes: bytes)), promise: nil)
    }
}
