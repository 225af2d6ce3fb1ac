import Foundation
import MPushCipher
import MPushModel
import MPushPlatform
import MPushSimulator
import MPushTLS
import NIOCore
import NIOPosix

/// What a trial has, whatever it kills: a directory for its time, a simulated server that pushes numbered messages without end,
/// and the configuration of a daemon that takes them.
final class TrialScene {
    let pusher: NumberedPusher
    private let program: String
    private let directory: URL
    private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    private let simulator: Simulator

    /// - Parameters:
    ///   - program: the daemon.
    ///   - routes: where it hands messages over, as a part of its configuration; told where the directory is.
    init(program: String, folders: [String] = [], routes: (URL) -> String) throws {
        self.program = program
        directory = FileManager.default.temporaryDirectory.appending(path: "mpush-crash-\(UUID().uuidString)")
        for name in folders + ["state"] {
            try FileManager.default.createDirectory(
                at: directory.appending(path: name), withIntermediateDirectories: true)
        }
        let authority = try ThrowawayAuthority()
        let identity = try authority.issue(names: ["127.0.0.1"]).identity
        simulator = try Simulator(
            SimulatorConfiguration(transport: .tls(TLSServerSettings(identity: identity))), clock: MachineClock(),
            on: group.next())
        pusher = NumberedPusher(simulator)
        let port = try simulator.listen().wait().port ?? 0
        try Data(authority.certificatePEM).write(to: file("ca.pem"))
        try write(simulator.publicKey.base64, to: "server.pem")
        try write(configuration(port: port) + routes(directory), to: "mpushd.toml")
    }

    func file(_ name: String) -> URL { directory.appending(path: name) }

    func write(_ text: String, to name: String) throws {
        try text.write(to: file(name), atomically: true, encoding: .utf8)
    }

    /// The lines of a file of the trial; none where it is not there.
    func lines(of name: String) -> [String] {
        ((try? String(contentsOf: file(name), encoding: .utf8)) ?? "").split(separator: "\n").map(String.init)
    }

    func launchDaemon() throws -> Process {
        let daemon = Process()
        daemon.executableURL = URL(fileURLWithPath: program)
        daemon.arguments = ["run", "--config", file("mpushd.toml").path]
        daemon.standardInput = FileHandle.nullDevice
        try daemon.run()
        return daemon
    }

    /// A kill of SIGKILL; throws where it was dead already.
    func kill(_ daemon: Process) throws {
        Glibc.kill(daemon.processIdentifier, SIGKILL)
        daemon.waitUntilExit()
        guard daemon.terminationReason == .uncaughtSignal else {
            throw CrashError("mpushd ended by itself with status \(daemon.terminationStatus)")
        }
    }

    func tearDown() {
        _ = try? simulator.shutDown().wait()
        try? group.syncShutdownGracefully()
        try? FileManager.default.removeItem(at: directory)
    }

    private func configuration(port: Int) -> String {
        """
        [server]
        endpoints = ["127.0.0.1:\(port)"]
        public_key = "\(file("server.pem").path)"
        [tls]
        ca_file = "\(file("ca.pem").path)"
        [identity]
        user = "alice"
        device_id = "crash-test"
        [reconnect]
        min = "100ms"
        max = "200ms"
        [state]
        directory = "\(file("state").path)"
        [api]
        enabled = false
        [log]
        level = "warning"

        """
    }
}
