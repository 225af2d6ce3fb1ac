package import MPushControl
package import MPushPlatform
import MPushTime
package import NIOCore
import NIOHTTP1
import NIOPosix

/// The local API: HTTP/1.1 on a socket of AF_UNIX. Belongs to its event loop.
package final class LocalAPIServer {
    let settings: LocalAPISettings
    let timer: LoopTimer
    let rule: AccessRule
    let onEvent: (LocalAPIEvent) -> Void
    private let eventLoop: any EventLoop
    private let socket: ListeningSocket
    private weak var service: (any ControlService)?
    private var listener: (any Channel)?
    private var connections: [ObjectIdentifier: HTTPConnection] = [:]
    private var isFullSaid = false
    private var farewell: LoopTimer.Owner?
    private var stopped: (() -> Void)?
    private(set) var isStopping = false

    /// A server on `socket`, which it owns from now on. The service is not kept alive. `onEvent` hears what the journal
    /// should have.
    package init(
        on socket: ListeningSocket, for service: any ControlService, settings: LocalAPISettings, timer: LoopTimer,
        eventLoop: any EventLoop, onEvent: @escaping (LocalAPIEvent) -> Void
    ) {
        self.socket = socket
        self.service = service
        self.settings = settings
        self.timer = timer
        self.eventLoop = eventLoop
        self.onEvent = onEvent
        rule = AccessRule(socketPath: socket.path, configured: settings.group)
    }

    /// What turns requests into questions; nil when the service is gone.
    var dispatcher: Dispatcher? { service.map(Dispatcher.init) }

    /// Where clients find it.
    package var path: String { socket.path }

    /// Who follows messages or events now, in the order in which they came.
    package var followers: [FollowerReport] {
        let now = BootClock.now()
        return connections.values.compactMap { $0.followerReport(at: now) }
            .sorted { $0.connectedFor > $1.connectedFor }
    }

    /// Whether a named follower is connected.
    package func isConnected(consumer: String) -> Bool {
        connections.values.contains { $0.followerReport(at: .zero)?.consumer == consumer }
    }

    /// Begins to accept clients. `done` hears what went wrong, where something did.
    package func start(done: @escaping ((any Error)?) -> Void) {
        let server = NIOLoopBound(self, eventLoop: eventLoop)
        ServerBootstrap(group: eventLoop)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelOption(.writeBufferWaterMark, value: .init(low: 32 << 10, high: 128 << 10))
            .childChannelOption(.maxMessagesPerRead, value: 4)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try server.value.accept(channel) }
            }
            .withBoundSocket(socket.descriptor)
            .assumeIsolated()
            .whenComplete { [weak self] result in
                switch result {
                case .success(let channel):
                    self?.listener = channel
                    if self?.isStopping != false { channel.close(promise: nil) }
                    done(nil)
                case .failure(let error): done(error)
                }
            }
    }

    /// Accepts nobody any more, tells followers `reason`, lets answers that are under way go out, for two seconds at most,
    /// and removes the socket's file if it made it.
    package func stop(_ reason: String, done: @escaping () -> Void) {
        guard !isStopping else { return done() }
        isStopping = true
        socket.removeFile()
        listener?.close(promise: nil)
        listener = nil
        stopped = done
        for connection in Array(connections.values) { connection.serverStops(reason) }
        guard !connections.isEmpty else { return finish() }
        let owner = timer.makeOwner { [weak self] _ in
            for connection in Array((self?.connections ?? [:]).values) { connection.cut() }
        }
        timer.set(BootClock.now() + settings.farewellLimit, for: owner)
        farewell = owner
    }

    // MARK: - Connections

    private func accept(_ channel: any Channel) throws {
        // Twice as many as are served can be told that there are too many.
        guard connections.count < 2 * settings.maximumConnections, !isStopping else { throw ChannelError.eof }
        let isSurplus = connections.count >= settings.maximumConnections
        if isSurplus, !isFullSaid {
            isFullSaid = true
            onEvent(.full(connections: connections.count))
        }
        let caller = try channel.pipeline.syncOperations.withUnsafeTransportIfAvailable(
            of: NIOBSDSocket.Handle.self
        ) { try Caller(of: $0) }
        guard let caller else { throw ChannelError.operationUnsupported }
        let connection = HTTPConnection(from: caller, isSurplus: isSurplus, of: self)
        connections[ObjectIdentifier(connection)] = connection
        let pipeline = channel.pipeline.syncOperations
        var limits = NIOHTTPDecoderLimitConfiguration()
        limits.maxHeaderFieldSize = 8 << 10
        limits.maxHeaderListSize = 32 << 10
        limits.maxHeaderFieldCount = 100
        try pipeline.addHandler(HTTPResponseEncoder())
        try pipeline.addHandler(
            ByteToMessageHandler(
                HTTPRequestDecoder(
                    leftOverBytesStrategy: .dropBytes, informationalResponseStrategy: .drop,
                    limitConfiguration: limits)))
        try pipeline.addHandler(connection)
    }

    func remove(_ connection: HTTPConnection) {
        connections[ObjectIdentifier(connection)] = nil
        if connections.count < settings.maximumConnections { isFullSaid = false }
        if isStopping, connections.isEmpty { finish() }
    }

    private func finish() {
        if let farewell { timer.remove(farewell) }
        farewell = nil
        let stopped = stopped
        self.stopped = nil
        stopped?()
    }
}
