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
    private let server: PushServer

    /// - Parameter pingEvery: of the configuration; nil for what the server asks for, 180 s.
    init(users: [String] = ["alice"], pingEvery: String? = nil) throws {
        let random = WorldRandom(seed: 7)
        network = WorldNetwork(on: scheduler, random: random.fork("network"))
        scheduler.trace.mostLines = 100_000
        let key = try WorldKey.load()
        device = Device(on: network, random: random, ledger: Ledger(), wall: Stage.usualWall)
        server = PushServer(
            "push1", address: "198.51.100.1", key: key, heartbeat: .seconds(180), isSecured: false,
            sessions: SessionStore(), on: network, random: random, wall: Stage.usualWall)
        var configuration = WorldConfiguration(
            identities: users.map { WorldConfiguration.Identity(name: $0, user: $0) }, hosts: [server.host],
            programs: [], folders: [])
        configuration.pingEvery = pingEvery
        device.source["/etc/mpushd/server.pem"] = PublicKeyFile.text(key.publicKey)
        device.source[Device.configuration] = configuration.text
        device.machine.host.names.set(server.host, [server.address])
        server.start()
        device.start()
    }

    var link: WorldLink { network.link(Device.address, server.address) }
    var reports: [IdentityReport] { device.service?.status.identities ?? [] }
    /// Connections since the daemon's start.
    var connections: Int { reports.reduce(0) { $0 + $1.connectionNumber } }

    func run(for seconds: Int64) { scheduler.run(for: .seconds(seconds)) }

    func forget(after seconds: Int, _ answer: WorldLink.Translator.Answer = .silence) {
        link.translator = WorldLink.Translator(idleLimit: .seconds(seconds), answer: answer)
    }
}
