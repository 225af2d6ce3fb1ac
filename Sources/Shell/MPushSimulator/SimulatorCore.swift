import MPushCipher
import MPushTLS
import MPushTime
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
    private let startedAt = SystemClock.now()
    private var nextPush: Int32 = 1

    init(_ configuration: SimulatorConfiguration, privateKey: RSAPrivateKey, tls: TLSContext?, on loop: any EventLoop) {
        self.loop = loop
        self.configuration = configuration
        self.privateKey = privateKey
        self.tls = tls
        registry = ServerRegistry(settings: configuration.server)
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
            at: SystemClock.now() - startedAt)
    }

    /// The connections that are there, the oldest first.
    var connectionsInOrder: [ServerConnection] {
        connections.values.sorted { $0.session.id < $1.session.id }
    }

    func connections(of user: String) -> [ServerConnection] {
        registry.connections(of: user).compactMap { connections[$0] }
    }
}
