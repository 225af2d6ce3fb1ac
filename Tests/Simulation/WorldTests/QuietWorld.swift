import MPushCipher
import MPushControl
import MPushLocalAPI
import MPushModel
import MPushSimulator
import MPushWorld

@testable import MPushScene

/// A device and a server in a world in which nothing happens but what a test does.
final class QuietWorld {
    let scheduler = WorldScheduler()
    let device: Device
    private let network: WorldNetwork
    let server: PushServer

    /// - Parameters:
    ///   - pingEvery: of the configuration; nil for what the server asks for.
    ///   - heartbeat: what it asks for.
    ///   - more: lines of the configuration.
    ///   - isSecured: whether the server is spoken to over TLS.
    ///   - wall: what the machine's clock shows at first.
    ///   - starts: whether the daemon is started.
    init(
        users: [String] = ["alice"], pingEvery: String? = nil, heartbeat: Duration = .seconds(180),
        more: String = "", isSecured: Bool = false, wall: WallTime = Stage.usualWall, starts: Bool = true
    ) throws {
        let random = WorldRandom(seed: 7)
        network = WorldNetwork(on: scheduler, random: random.fork("network"))
        scheduler.trace.mostLines = 100_000
        let key = try WorldKey.load()
        device = Device(on: network, random: random, ledger: Ledger(), wall: wall)
        server = PushServer(
            "push1", address: "198.51.100.1", key: key, heartbeat: heartbeat, isSecured: isSecured,
            sessions: SessionStore(), on: network, random: random, wall: Stage.usualWall)
        var configuration = WorldConfiguration(
            identities: users.map { WorldConfiguration.Identity(name: $0, user: $0) }, hosts: [server.host],
            programs: [], folders: [])
        configuration.pingEvery = pingEvery
        configuration.isSecured = isSecured
        device.source[WorldConfiguration.authority] = WorldCertificates.authority
        device.source["/etc/mpushd/server.pem"] = PublicKeyFile.text(key.publicKey)
        device.source[Device.configuration] = configuration.text + more
        device.machine.host.names.set(server.host, [server.address])
        server.start()
        if starts { device.start() }
    }

    var link: WorldLink { network.link(Device.address, server.address) }
    var reports: [IdentityReport] { device.service?.status.identities ?? [] }
    /// Connections since the daemon's start.
    var connections: Int { reports.reduce(0) { $0 + $1.connectionNumber } }

    /// A counter of the metrics, over all of its labels.
    func metric(_ name: String) -> Double? {
        device.service.map { MetricsReader($0.metricsText).sum(of: name) }
    }

    /// Whether everybody is online within `limit`, looked at each `interval`.
    func isOnline(within limit: Duration, interval: Duration = .milliseconds(50)) -> Bool {
        let end = scheduler.elapsed + limit
        while true {
            let reports = reports
            if !reports.isEmpty, reports.allSatisfy({ $0.state == .online }) { return true }
            guard scheduler.elapsed < end else { return false }
            scheduler.run(for: min(interval, end - scheduler.elapsed))
        }
    }

    func run(for seconds: Int64) { scheduler.run(for: .seconds(seconds)) }

    /// Both ways of the path to the server.
    func setPath(latency: Duration, loss: Double = 0) {
        for address in [Device.address, server.address] {
            link[from: address].latency = latency
            link[from: address].loss = loss
        }
    }

    func forget(after seconds: Int, _ answer: WorldLink.Translator.Answer = .silence) {
        link.translator = WorldLink.Translator(idleLimit: .seconds(seconds), answer: answer)
    }
}
