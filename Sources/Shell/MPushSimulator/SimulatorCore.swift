import MPushCipher
import MPushModel
import MPushPlatform
import MPushTLS
import MPushWire
import NIOCore

/// All that a simulator is, on its event loop. `Simulator` is its face for the rest of the world.
final class SimulatorCore {
    let loop: any EventLoop
    let configuration: SimulatorConfiguration
    let privateKey: RSAPrivateKey
    let tls: TLSContext?
    let log = EventLog()
    var registry: ServerRegistry
    var plan = FaultPlan()
    var connections: [ConnectionID: ServerConnection] = [:]
    var listeners: [Listener] = []
    var allocators: [any Channel] = []
    /// The body of the allocator's answer; nil for the simulator's own addresses.
    var allocation: String?
    let clock: any ClockSource
    private let startedAt: Instant
    private var timer: LoopTimer?
    private var nextPush: Int32 = 1

    init(
        _ configuration: SimulatorConfiguration, privateKey: RSAPrivateKey, tls: TLSContext?, clock: any ClockSource,
        on loop: any EventLoop
    ) {
        self.loop = loop
        self.clock = clock
        startedAt = clock.now
        self.configuration = configuration
        self.privateKey = privateKey
        self.tls = tls
        registry = ServerRegistry(
            settings: configuration.server, sessions: configuration.sessions ?? SessionStore())
    }

    /// The first of `count` numbers for pushes, which count up from 1 and begin again there before they overflow.
    func takeNumbers(_ count: Int32) -> Int32 {
        if nextPush > Int32.max - count { nextPush = 1 }
        defer { nextPush += count }
        return nextPush
    }

    func opened(_ connection: ServerConnection, peer: String) {
        connections[connection.session.id] = connection
        registry.statistics.connectionsNow += 1
        record(.connected(peer: peer), of: connection)
    }

    func closed(_ connection: ServerConnection) {
        guard connections.removeValue(forKey: connection.session.id) != nil else { return }
        registry.statistics.connectionsNow -= 1
        record(.closed(connection.closeReason), of: connection)
        connection.session.closed(in: &registry)
        connection.losePushes()
    }

    func nextConnectionID() -> ConnectionID {
        registry.statistics.connectionsEver += 1
        return ConnectionID(UInt64(registry.statistics.connectionsEver))
    }

    func record(_ kind: SimulatorEvent.Kind, of connection: ServerConnection? = nil) {
        log.append(
            kind, connection: connection?.session.id, user: connection?.session.user,
            at: clock.now - startedAt)
    }

    /// The connections that are there, the oldest first.
    var connectionsInOrder: [ServerConnection] {
        connections.values.sorted { $0.session.id < $1.session.id }
    }

    func connections(of user: String) -> [ServerConnection] {
        registry.connections(of: user).compactMap { connections[$0] }
    }
}

extension SimulatorCore {
    /// Listens at `address`; the future has the address with the port that the kernel chose.
    func listen(at address: SocketAddress) -> EventLoopFuture<SocketAddress> {
        bind(to: address).assumeIsolated().map { channel in
            let address = channel.localAddress ?? address
            self.listeners.append(Listener(address: address, channel: channel))
            self.record(.listening(address: address.hostAndPort, isSecured: self.tls != nil))
            return address
        }.nonisolated()
    }

    /// Lets go of the sockets; connections are refused from now on.
    func closeListeners() {
        for index in listeners.indices {
            listeners[index].channel?.close(promise: nil)
            listeners[index].channel = nil
        }
    }

    /// Listens again where `closeListeners` stopped.
    func reopenListeners() -> EventLoopFuture<Void> {
        let missing = listeners.indices.filter { listeners[$0].channel == nil }
        let bound = missing.map { index in
            bind(to: listeners[index].address).assumeIsolated().map { self.listeners[index].channel = $0 }
                .nonisolated()
        }
        return EventLoopFuture.andAllSucceed(bound, on: loop)
    }

    /// Ends everything. The future is done when the last socket is closed.
    func shutDown() -> EventLoopFuture<Void> {
        var channels = listeners.compactMap(\.channel) + allocators
        listeners = []
        allocators = []
        for channel in channels { channel.close(promise: nil) }
        for connection in connectionsInOrder {
            if let channel = connection.context?.channel { channels.append(channel) }
            connection.session.behaviour.lateness = .zero
            connection.close(.shutdown)
        }
        return EventLoopFuture.andAllComplete(channels.map(\.closeFuture), on: loop).assumeIsolated()
            .map {
                self.log.end()
                self.timer?.close()
                self.timer = nil
            }.nonisolated()
    }

    private func bind(to address: SocketAddress) -> EventLoopFuture<any Channel> {
        let core = NIOLoopBound(self, eventLoop: loop)
        return configuration.network.listen(at: address, on: loop) { channel in
            channel.eventLoop.makeCompletedFuture { try core.value.prepare(channel) }
        }
    }

    /// The timer of the loop, made when the first connection needs it.
    func loopTimer() throws(OSError) -> LoopTimer {
        if let timer { return timer }
        let timer = try LoopTimer(on: loop, clock: clock)
        self.timer = timer
        return timer
    }

    /// The handlers of a connection, before it is active.
    private func prepare(_ channel: any Channel) throws {
        let timer = try loopTimer()
        let faults = plan.faults(at: .accepted)
        let tls = faults.contains(.sayNothingBeforeTLS) ? nil : self.tls
        if let tls {
            let timeout = configuration.handshakeTimeout
            try channel.pipeline.syncOperations.addHandler(
                TLSHandler(server: tls, handshakeTimeout: timeout, timer: timer))
        }
        let connection = ServerConnection(
            self, id: nextConnectionID(), isSecured: tls != nil, faults: faults, timer: timer)
        try channel.pipeline.syncOperations.addHandler(connection)
    }
}

extension SimulatorCore {
    /// Pushes to every connection of `user`.
    func push(
        _ content: ByteBuffer, to user: String, flags: PacketFlags, deadline: Duration?
    ) -> EventLoopFuture<[PushReport]> {
        push(content, over: connections(of: user), flags: flags, deadline: deadline)
    }

    /// Pushes to every connection whose BIND named one of `tags`.
    func broadcast(
        _ content: ByteBuffer, tags: Set<String>, flags: PacketFlags, deadline: Duration?
    ) -> EventLoopFuture<[PushReport]> {
        let tagged = registry.boundConnections.compactMap { connections[$0] }.filter { connection in
            connection.session.tags.split(separator: ",").contains { tags.contains(String($0)) }
        }
        return push(content, over: tagged, flags: flags, deadline: deadline)
    }

    func flood(
        _ content: ByteBuffer, to user: String, count: Int, flags: PacketFlags
    ) -> EventLoopFuture<FloodReport> {
        guard let connection = connections(of: user).first else {
            return loop.makeFailedFuture(SimulatorError.offline(user: user))
        }
        return connection.flood(content, count: count, flags: flags)
    }

    private func push(
        _ content: ByteBuffer, over connections: [ServerConnection], flags: PacketFlags, deadline: Duration?
    ) -> EventLoopFuture<[PushReport]> {
        let deadline = deadline ?? configuration.ackDeadline
        let reports = connections.map { $0.push(content, flags: flags, deadline: deadline) }
        return EventLoopFuture.whenAllSucceed(reports, on: loop)
    }
}

extension SimulatorCore {
    /// Does `fault` to the connections that `target` names, or plans it for them.
    func inject(_ fault: SimulatorFault, into target: FaultTarget) {
        switch fault {
        case .expireSessions, .refuseConnections:
            record(.fault(fault))
            perform(fault)
        default:
            injectIntoConnections(fault, target)
        }
    }

    private func injectIntoConnections(_ fault: SimulatorFault, _ target: FaultTarget) {
        switch target {
        case .present: connectionsInOrder.forEach { $0.meet(fault) }
        case .user(let user): connections(of: user).forEach { $0.meet(fault) }
        case .next(let count, let moment): plan.add(fault, at: moment, count: count)
        case .coming(let moment): plan.add(fault, at: moment, count: nil)
        case .everyone:
            plan.add(fault, at: .accepted, count: nil)
            connectionsInOrder.forEach { $0.meet(fault) }
        }
    }

    /// The faults of the whole simulator.
    func perform(_ fault: SimulatorFault) {
        switch fault {
        case .expireSessions: registry.sessions.expireAll()
        case .refuseConnections: closeListeners()
        default: break
        }
    }

    /// Gives up `fault`, planned and lasting; all faults for nil.
    func lift(_ fault: SimulatorFault?) -> EventLoopFuture<Void> {
        plan.remove(fault)
        for connection in connectionsInOrder {
            if let fault { connection.lift(fault) } else { connection.liftAll() }
        }
        return fault == nil || fault == .refuseConnections ? reopenListeners() : loop.makeSucceededVoidFuture()
    }
}

/// A socket that accepts connections, or the place where there is to be one.
struct Listener {
    let address: SocketAddress
    /// Nil while connections are refused.
    var channel: (any Channel)?
}
