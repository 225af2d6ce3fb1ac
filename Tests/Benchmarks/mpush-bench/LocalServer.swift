import MPushPlatform
import MPushSimulator
import MPushTLS
import NIOCore
import NIOPosix

/// A simulated server in this process, on a thread of its own.
final class LocalServer {
    let simulator: Simulator
    let port: Int
    private let group: MultiThreadedEventLoopGroup

    private static let patience = TimeAmount.seconds(30)

    init(_ workspace: Workspace) throws {
        group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        var configuration = SimulatorConfiguration(
            transport: .tls(TLSServerSettings(identity: workspace.serverIdentity)))
        configuration.privateKey = workspace.serverKey
        simulator = try Simulator(configuration, clock: MachineClock(), on: group.next())
        port = try simulator.listen().wait().port ?? 0
    }

    deinit {
        try? simulator.shutDown().wait()
        try? group.syncShutdownGracefully()
    }

    /// The first event after number `number` that matches; waits for it.
    func event(
        after number: Int = 0, _ what: String, matching matches: @escaping @Sendable (SimulatorEvent) -> Bool
    ) throws -> SimulatorEvent {
        let promise = simulator.loop.makePromise(of: SimulatorEvent.self)
        simulator.event(after: number, matching: matches).cascade(to: promise)
        let timeout = simulator.loop.scheduleTask(in: Self.patience) {
            promise.fail(BenchError("the daemon was to be \(what), and is not"))
        }
        defer { timeout.cancel() }
        return try promise.futureResult.wait()
    }

    /// Waits until a daemon is bound.
    func bound(after number: Int = 0) throws -> SimulatorEvent {
        try event(after: number, "bound") { if case .bound = $0.kind { true } else { false } }
    }
}
