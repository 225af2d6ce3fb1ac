import Glibc
package import MPushControl
import MPushModel
package import MPushPlatform
package import NIOCore
import NIOHTTP1

/// How the local API behaves, and its bounds.
package struct LocalAPISettings: Sendable {
    /// The group whose members may change things; nil for that of the socket's file.
    package var group: ConfiguredGroup?
    /// Every request is told that there is no API: for a socket that systemd keeps open in any case.
    package var isSwitchedOff = false
    /// How long a client may read nothing of what is sent to it, before it is cut.
    package var followerStall: Duration = .seconds(30)
    /// Served at once, beside those that are kept for the daemon's own user and for root (`ConnectionQuota`); more are told so, and
    /// cut.
    package var maximumConnections = 64
    /// Bytes of a request's body.
    package var maximumBody = 16 << 20
    /// Bytes of all bodies that are arriving.
    package var maximumBodies = 64 << 20
    /// Until the next try where a client could not be accepted, for want of descriptors mostly.
    package var acceptPause: Duration = .seconds(1)
    /// How long a connection may be without a request.
    package var idleLimit: Duration = .seconds(60)
    /// How long a request may take to arrive.
    package var requestLimit: Duration = .seconds(30)
    /// After this long without a line a stream gets one that says nothing, so that a dead client is found.
    package var keepaliveInterval: Duration = .seconds(30)
    /// How long the last words to a client that is cut, or told off, may take.
    package var farewellLimit: Duration = .seconds(2)

    package init() {}
}

/// The local API: HTTP/1.1 on a socket of AF_UNIX. Belongs to its event loop.
package final class LocalAPIServer {
    private(set) var settings: LocalAPISettings
    let timer: LoopTimer
    let rule: AccessRule
    let onEvent: (LocalAPIEvent) -> Void
    private let eventLoop: any EventLoop
    private let socket: any LocalAPISocket
    /// What answers each endpoint.
    let handlers: [EndpointHandler]
    /// Internal for tests.
    private(set) var listener: (any Channel)?
    private var connections: [ObjectIdentifier: HTTPConnection] = [:]
    private var quota: ConnectionQuota
    /// Connections without a place, that wait to be told so.
    private var surplus = 0
    private var limiter = ReportLimiter()
    private var fullLimiter = ReportLimiter()
    private var acceptLimiter = ReportLimiter()
    private let users = NamespaceMap.users()
    private let groupMap = NamespaceMap.groups()
    /// Bytes of the bodies that are arriving.
    private var bodyBytes = 0
    private var farewell: LoopTimer.Owner?
    private var acceptRetry: LoopTimer.Owner?
    private var stopped: (() -> Void)?
    private(set) var isStopping = false

    /// A server on `socket`, which it owns from now on. `onEvent` hears what the journal
    /// should have.
    package init(
        on socket: any LocalAPISocket, for service: any ControlService, settings: LocalAPISettings, timer: LoopTimer,
        eventLoop: any EventLoop, onEvent: @escaping (LocalAPIEvent) -> Void
    ) {
        self.socket = socket
        handlers = service.handlers
        self.settings = settings
        self.timer = timer
        self.eventLoop = eventLoop
        self.onEvent = onEvent
        quota = ConnectionQuota(settings.maximumConnections)
        rule = AccessRule(
            configured: settings.group, path: socket.path, file: SocketFile(at: socket.path), ownUser: geteuid(),
            users: users, groups: groupMap)
    }

    /// Where clients find it.
    package var path: String { socket.path }

    /// Who may do what, in words: what is enforced.
    package var access: String { "everyone who can connect may read; \(rule.explanation)" }

    /// Why those who may change things may not be able to, in words, with what to do; nil where they can.
    package var obstacle: String? { rule.obstacle(SocketFile(at: socket.path)) }

    /// How long a client may read nothing of what is sent to it; what waits already has its time as it was.
    package var followerStall: Duration {
        get { settings.followerStall }
        set { settings.followerStall = newValue }
    }

    /// Who follows messages or events now, in the order in which they came.
    package var followers: [FollowerReport] {
        let now = timer.now
        return connections.values.compactMap { $0.followerReport(at: now) }
            .sorted { $0.connectedFor > $1.connectedFor }
    }

    /// Begins to accept clients. `done` hears what went wrong, where something did.
    package func start(done: @escaping ((any Error)?) -> Void) {
        socket.acceptClients(
            on: eventLoop, onFailure: { [weak self] in self?.cannotAccept($0) },
            prepare: { [weak self] channel in try self?.accept(channel) }
        )
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
        if let acceptRetry { timer.remove(acceptRetry) }
        acceptRetry = nil
        listener?.close(promise: nil)
        listener = nil
        stopped = done
        for connection in Array(connections.values) { connection.serverStops(reason) }
        guard !connections.isEmpty else { return finish() }
        let owner = timer.makeOwner { [weak self] _ in
            for connection in Array((self?.connections ?? [:]).values) { connection.cut() }
        }
        timer.set(timer.now + settings.farewellLimit, for: owner)
        farewell = owner
    }

    // MARK: - Connections

    private func accept(_ channel: any Channel) throws {
        guard !isStopping else { throw ChannelError.eof }
        let caller = try socket.caller(on: channel, users: users, groupMap: groupMap)
        try serve(channel, from: caller)
    }

    /// Serves `caller` on `channel`, which need not be one of the socket's.
    package func serve(_ channel: any Channel, from caller: Caller) throws {
        let standing = rule.standing(of: caller, file: SocketFile(at: socket.path))
        let refusal = quota.admit(standing, user: caller.userID)
        if let refusal {
            report(refusal, by: caller)
            // As many as have a place can be listened to before they are told that there is none.
            guard surplus < settings.maximumConnections else {
                return try channel.pipeline.syncOperations.addHandler(TurnedAwayHandler(Problem(refusal)))
            }
            surplus += 1
        }
        let connection = HTTPConnection(from: caller, as: standing, refusal: refusal, of: self)
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

    /// Bytes in the socket of `channel` that its client has not read.
    func unread(on channel: any Channel) -> Int { socket.unread(on: channel) }

    func remove(_ connection: HTTPConnection) {
        guard connections.removeValue(forKey: ObjectIdentifier(connection)) != nil else { return }
        if connection.refusal == nil {
            quota.release(connection.standing, user: connection.caller.userID)
        } else {
            surplus -= 1
        }
        if isStopping, connections.isEmpty { finish() }
    }

    /// Whether there is room for `count` bytes more of a body; they are counted then. Half of it is kept for root and the
    /// daemon's own user, whom nobody's bodies may lock out.
    func takesBody(_ count: Int, of standing: Standing) -> Bool {
        let room = standing >= .ownUser ? settings.maximumBodies : settings.maximumBodies / 2
        guard count <= room - bodyBytes else { return false }
        bodyBytes += count
        return true
    }

    /// A body of `count` bytes was read, or thrown away.
    func bodyIsOver(_ count: Int) { bodyBytes -= count }

    // MARK: - What the journal should have

    func refused(_ caller: Caller, _ request: String, _ detail: String) {
        guard let unsaid = limiter.admit(caller.userID, at: timer.now) else { return }
        onEvent(.refused(caller, request: request, detail: detail, unsaid: unsaid))
    }

    private func report(_ refusal: ConnectionQuota.Refusal, by caller: Caller) {
        guard let unsaid = fullLimiter.admit(caller.userID, at: timer.now) else { return }
        onEvent(.full(caller, detail: refusal.reason, unsaid: unsaid))
    }

    /// Waits a moment before the next try: the client still waits, so that the kernel would say so again at once. (NIO's own
    /// AcceptBackoffHandler does not, where the first accept of a turn fails.)
    private func cannotAccept(_ error: IOError) {
        try? listener?.syncOptions?.setOption(.autoRead, value: false)
        let owner =
            acceptRetry
            ?? timer.makeOwner { [weak self] _ in try? self?.listener?.syncOptions?.setOption(.autoRead, value: true) }
        acceptRetry = owner
        timer.set(timer.now + settings.acceptPause, for: owner)
        guard acceptLimiter.admit(nil, at: timer.now) != nil else { return }
        onEvent(.cannotAccept(OSError.text(for: error.errnoCode)))
    }

    private func finish() {
        if let farewell { timer.remove(farewell) }
        farewell = nil
        let stopped = stopped
        self.stopped = nil
        stopped?()
    }
}

extension Problem {
    init(_ refusal: ConnectionQuota.Refusal) {
        self.init(.tooManyConnections, "\(refusal.reason). Try again later")
    }
}
