import MPushCipher
import MPushModel
import MPushSimulator
import MPushWorld
import NIOCore

/// A push server on a machine of its own: the simulator, on the world's network.
final class PushServer {
    static let port: UInt16 = 3000

    let name: String
    let address: String
    /// Another one of its machine, which nobody is told of in most of the time.
    let otherAddress: String
    let machine: WorldMachine
    private let key: RSAPrivateKey
    private let scheduler: WorldScheduler
    private(set) var simulator: Simulator?
    /// Users whose BIND is refused.
    var refusedUsers: Set<String> = [] {
        didSet { configure() }
    }
    private let heartbeat: Duration
    private let isSecured: Bool
    /// What outlives its process; nil where the sessions end with that.
    private let sessions: SessionStore?
    private let sessionLifetime: Duration

    init(
        _ name: String, address: String, key: RSAPrivateKey, heartbeat: Duration, isSecured: Bool,
        sessions: SessionStore?,
        on network: WorldNetwork, random: WorldRandom, wall: WallTime
    ) {
        self.name = name
        self.address = address
        otherAddress = address.replacing("198.51.100.", with: "198.51.101.")
        self.key = key
        self.heartbeat = heartbeat
        self.isSecured = isSecured
        self.sessions = sessions
        let random = random.fork("sessions")
        sessionLifetime = random.skewedDuration(in: .seconds(60) ... .seconds(86_400))
        scheduler = network.scheduler
        machine = WorldMachine(name, addresses: [address, otherAddress], on: network, random: random, wall: wall)
    }

    /// The host name that the configuration has.
    var host: String { "\(name).world" }

    /// Its name leads to its address, and is found at once.
    func setName(in names: WorldNames) { names.set(host, [address]) }

    func start() {
        guard simulator == nil else { return }
        var configuration = SimulatorConfiguration(
            transport: isSecured ? .tls(WorldCertificates.server) : .plaintext)
        configuration.network = machine.host
        configuration.privateKey = key
        configuration.server.heartbeat = heartbeat...heartbeat
        configuration.server.refusedUsers = refusedUsers
        configuration.server.sessionLifetime = sessionLifetime
        configuration.sessions = sessions
        configuration.ackDeadline = .seconds(30)
        guard let simulator = try? Simulator(configuration, clock: machine.clock, on: machine.loop) else { return }
        simulator.listen(host: "0.0.0.0", port: Int(PushServer.port)).whenFailure { _ in }
        self.simulator = simulator
    }

    /// The process dies, with all that it knew, and another one begins after `duration`.
    func crash(for duration: Duration) {
        guard let simulator else { return }
        scheduler.bury(simulator)
        self.simulator = nil
        machine.crashProcess()
        scheduler.schedule(in: duration) { [self] in start() }
    }

    /// Its machine is off, and on again after `duration`.
    func cutPower(for duration: Duration) {
        guard let simulator else { return }
        scheduler.bury(simulator)
        self.simulator = nil
        machine.powerOff()
        scheduler.schedule(in: duration) { [self] in
            machine.powerOn()
            start()
        }
    }

    private func configure() {
        let refused = refusedUsers
        simulator?.configure { $0.refusedUsers = refused }.whenFailure { _ in }
    }
}
