import MPushModel
import MPushPlatform
import MPushSimulator
import MPushTLS
import MPushWire
import NIOCore
import NIOPosix

/// A simulator on a port of its own, for one test.
struct SimulatorBench {
    let simulator: Simulator
    let address: SocketAddress
    /// What clients connect with; nil for plain TCP.
    let tls: TLSContext?

    /// Runs `body` with a new simulator, and shuts it down.
    static func run(
        secured: Bool = false, settings: SimulatedServerSettings = SimulatedServerSettings(),
        _ body: (SimulatorBench) async throws -> Void
    ) async throws {
        let bench = try await SimulatorBench(secured: secured, settings: settings)
        do {
            try await body(bench)
        } catch {
            try await bench.simulator.shutDown().get()
            throw error
        }
        try await bench.simulator.shutDown().get()
    }

    private init(secured: Bool, settings: SimulatedServerSettings) async throws {
        let authority = try secured ? ThrowawayAuthority() : nil
        var configuration = SimulatorConfiguration(transport: .plaintext)
        if let authority {
            configuration.transport = .tls(
                TLSServerSettings(identity: try authority.issue(names: ["127.0.0.1"]).identity))
        }
        configuration.server = settings
        var client = TLSClientSettings()
        client.authorities = .pem(authority?.certificatePEM ?? [])
        tls = authority == nil ? nil : try TLSContext(client: client)
        simulator = try Simulator(
            configuration, clock: MachineClock(), on: MultiThreadedEventLoopGroup.singleton.next())
        address = try await simulator.listen().get()
    }

    func connect() async throws -> TestClient {
        var client = try await TestClient.connect(to: address, tls: tls)
        if tls != nil, await client.next() != .secured { throw TestClient.Unexpected(what: "no TLS") }
        return client
    }

    /// A client that has a session.
    func opened(device: String = "device") async throws -> TestClient {
        var client = try await connect()
        try await client.handshake(device: device, simulator.publicKey)
        return client
    }

    /// A client that is bound.
    func bound(_ user: String, device: String = "device", tags: String = "") async throws -> TestClient {
        var client = try await opened(device: device)
        let answer = try await client.bind(user, tags: tags)
        guard answer.command == .ok else { throw TestClient.Unexpected(what: "\(answer)") }
        return client
    }
}
