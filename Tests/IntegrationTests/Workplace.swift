import Foundation
import MPushCipher
import MPushConfiguration
import MPushDaemon
import MPushModel
import MPushSimulator
import MPushSystemd
import MPushTLS
import NIOCore
import NIOPosix

@testable import MPushConnection
@testable import MPushPlatform

/// A daemon and a simulated server in one process, each on a loop of its own, with everything between them real: TCP over
/// loopback, TLS, files in a temporary directory. Lines of the log and events of the simulator are waited for.
final class Workplace: @unchecked Sendable {
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)
    let simulator: Simulator
    let sink: RecordingSink
    let collector: MessageCollector
    /// Whether messages go to the inbox and the routes, as in earnest, and not to the collector.
    private let isWhole: Bool
    let directory: URL
    private(set) var port = 0
    private let daemonLoop: any EventLoop
    private var daemon: NIOLoopBoundBox<Daemon?>
    private var stopped: EventLoopFuture<CInt>?

    /// - Parameters:
    ///   - names: what the server's certificate is for.
    ///   - keyBits: the size of the key that the handshake is encrypted with.
    ///   - isWhole: messages go to the inbox and the routes, and not to `collector`.
    init(
        names: [String] = ["localhost", "127.0.0.1"], collector: MessageCollector = MessageCollector(),
        isWhole: Bool = false,
        authority: ThrowawayAuthority? = nil,
        keyBits: Int = 1024,
        server change: (inout TLSServerSettings, ThrowawayAuthority) throws -> Void = { _, _ in }
    ) async throws {
        let authority = try authority ?? ThrowawayAuthority()
        var settings = TLSServerSettings(identity: try authority.issue(names: names).identity)
        try change(&settings, authority)
        let simulatorLoop = group.next()
        daemonLoop = group.next()
        var configuration = SimulatorConfiguration(transport: .tls(settings))
        configuration.keyBits = keyBits
        simulator = try Simulator(configuration, clock: MachineClock(), on: simulatorLoop)
        sink = RecordingSink(on: simulatorLoop)
        self.collector = collector
        self.isWhole = isWhole
        daemon = NIOLoopBoundBox.makeEmptyBox(eventLoop: daemonLoop)
        directory = FileManager.default.temporaryDirectory.appending(path: "mpushd-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        port = try await simulator.listen().get().port ?? 0
        try Data(authority.certificatePEM).write(to: file("ca.pem"))
        try simulator.publicKey.base64.write(to: file("server-rsa.pem"), atomically: true, encoding: .utf8)
    }

    func file(_ name: String) -> URL { directory.appending(path: name) }

    /// A configuration with which the daemon reaches the simulator; short times, so that tests are.
    func configuration(
        endpoints: [String]? = nil, server: String = "", tls: String = "", identity: String = "user = \"alice\"",
        more: String = "", state: String? = nil
    ) -> String {
        let places = endpoints ?? ["127.0.0.1:\(port)"]
        return """
            [server]
            endpoints = [\(places.map { "\"\($0)\"" }.joined(separator: ", "))]
            public_key = "\(file("server-rsa.pem").path)"
            \(server)
            [tls]
            \(tls.contains("ca_file") ? "" : "ca_file = \"\(file("ca.pem").path)\"")
            \(tls)
            \(identity.contains("[[") ? identity : "[identity]\n" + identity)
            [reconnect]
            min = "100ms"
            max = "300ms"
            [state]
            directory = "\(state ?? directory.path + "/state")"
            \(more.contains("[api]") ? "" : "[api]\nsocket = \"\(directory.path)/api.sock\"")
            \(more)
            """
    }

    /// Writes `text` as the configuration.
    func write(_ text: String) throws {
        try text.write(to: file("mpushd.toml"), atomically: true, encoding: .utf8)
    }

    /// Starts the daemon with `text`, or with the usual configuration, on `machine`.
    func start(_ text: String? = nil, on machine: Machine = .thisOne) async throws {
        try write(text ?? configuration())
        let promise = daemonLoop.makePromise(of: CInt.self)
        stopped = promise.futureResult
        let path = file("mpushd.toml").path
        let log = Logger(sink: sink, minimumLevel: .debug)
        try await daemonLoop.submit { [self] in
            let settings = try SettingsLoader.load(
                path, version: "test", now: MachineClock().wall, environment: MachineEnvironment())
            var options = Daemon.Options(configurationFile: path, printsMessages: false, version: "test")
            options.apiRetryPause = .milliseconds(50)
            let state = try StateDirectory(
                configured: settings.configuration.state.directory, serviceDirectory: nil, program: "test",
                isService: true, files: MachineFiles())
            let daemon = try Daemon(
                settings, state: state, options: options, log: log,
                notifier: ServiceNotifier(environment: ServiceEnvironment { _ in nil }, clock: MachineClock()),
                machine: machine, environment: MachineEnvironment(),
                consumer: isWhole ? nil : collector,
                on: daemonLoop, onStopped: { promise.succeed($0) })
            daemon.start()
            self.daemon.value = daemon
        }.get()
    }

    /// Lets `work` do something to the daemon, on its loop.
    @discardableResult
    func onDaemon<Value: Sendable>(_ work: @escaping @Sendable (Daemon) throws -> Value) async throws -> Value {
        try await daemonLoop.submit { [self] in
            guard let daemon = daemon.value else { throw ChannelError.inappropriateOperationForState }
            return try work(daemon)
        }.get()
    }

    func onDaemonLoop(_ work: @escaping @Sendable () -> Void) async throws {
        try await daemonLoop.submit(work).get()
    }

    /// Ends the daemon in good order, and gives how long that took.
    @discardableResult
    func stop() async throws -> Duration {
        let start = ContinuousClock.now
        try await onDaemon { $0.stop(0) }
        _ = try await stopped?.get()
        try await daemonLoop.submit { [self] in daemon.value = nil }.get()
        return ContinuousClock.now - start
    }

    /// Waits for the line that says online, after line number `start`.
    @discardableResult
    func online(after start: Int = 0) async throws -> LogRecord {
        try await sink.next(after: start) { $0.event == .online }
    }

    /// Ends all, and removes the directory.
    func tearDown() async {
        if (try? await onDaemon { _ in true }) == true { _ = try? await stop() }
        _ = try? await simulator.shutDown().get()
        _ = try? await group.shutdownGracefully()
        try? FileManager.default.removeItem(at: directory)
    }

    /// Runs `body` with a workplace that is torn down after it, whatever happens.
    static func run(
        _ place: Workplace, _ body: (Workplace) async throws -> Void
    ) async throws {
        do {
            try await body(place)
            await place.tearDown()
        } catch {
            await place.tearDown()
            throw error
        }
    }
}

extension LogRecord {
    /// The value of the field with that name, as the journal gets it.
    func value(_ name: JournalField.Name) -> String? {
        fields.last { $0.name == name }?.value
    }
}
