import Foundation
import Glibc
import MPushCipher
import MPushPlatform
import MPushSimulator
import MPushTLS
import MPushTestSupport
import MPushWire
import NIOCore
import NIOPosix

/// The built mpushd as a process, with its inbox, routes and API, online at a simulated server in this process; and the
/// built programs to look at it with.
final class PlayedDaemon: @unchecked Sendable {
    typealias Outcome = BuiltProgram.Outcome

    /// The daemon did not do as it was expected to.
    struct Failure: Error {
        let log: String
    }

    let simulator: Simulator
    let directory: URL
    private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    private var process: Process?
    /// Where the process writes what would go to the journal.
    private(set) var log: URL?

    var socket: String { directory.path + "/api.sock" }
    var configuration: String { directory.path + "/mpushd.toml" }

    init(
        more: String = "", validity: ThrowawayAuthority.Validity = ThrowawayAuthority.defaultValidity
    ) async throws {
        let authority = try ThrowawayAuthority()
        let settings = TLSServerSettings(
            identity: try authority.issue(names: ["127.0.0.1"], validity: validity).identity)
        var server = SimulatorConfiguration(transport: .tls(settings))
        server.server.servesHTTPProxy = true
        server.server.refusedUsers = ["mallory"]
        simulator = try Simulator(server, clock: MachineClock(), on: group.next())
        directory = FileManager.default.temporaryDirectory.appending(path: "mpushctl-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        let port = try await simulator.listen().get().port ?? 0
        try Data(authority.certificatePEM).write(to: directory.appending(path: "ca.pem"))
        try simulator.publicKey.base64.write(
            to: directory.appending(path: "server.pem"), atomically: true, encoding: .utf8)
        let text = """
            [server]
            endpoints = ["127.0.0.1:\(port)"]
            public_key = "\(directory.path)/server.pem"
            [tls]
            ca_file = "\(directory.path)/ca.pem"
            [identity]
            user = "alice"
            [reconnect]
            min = "100ms"
            max = "300ms"
            [state]
            directory = "\(directory.path)/state"
            [api]
            socket = "\(socket)"
            \(more)
            """
        try text.write(toFile: configuration, atomically: true, encoding: .utf8)
    }

    /// Starts mpushd and waits until it says that it is online.
    func start() async throws {
        let process = Process()
        process.executableURL = try BuiltProgram.url("mpushd")
        process.arguments = ["run", "--config", configuration]
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        let log = directory.appending(path: "log-\(UUID().uuidString)")
        try "".write(to: log, atomically: false, encoding: .utf8)
        process.standardError = try FileHandle(forWritingTo: log)
        try process.run()
        self.process = process
        self.log = log
        let bound = simulator.event(after: try await simulator.eventCount().get()) {
            if case .bound = $0.kind { true } else { false }
        }
        _ = try await bound.get()
        // It listens before it connects, and says that it is online a moment after the server knows.
        for _ in 0..<400 {
            if try BuiltProgram.run("mpushctl", ["status", "--socket", socket, "--json"]).output.contains("\"online\"")
            {
                return
            }
        }
        throw Failure(log: try String(contentsOf: log, encoding: .utf8))
    }

    /// Ends it with the signal `number`, and waits for that.
    func end(_ number: CInt = SIGTERM) {
        guard let process else { return }
        kill(process.processIdentifier, number)
        process.waitUntilExit()
        self.process = nil
    }

    func ctl(_ arguments: String...) throws -> Outcome { try ctl(arguments) }

    func ctl(_ arguments: [String], environment: [String: String] = [:]) throws -> Outcome {
        var arguments = arguments
        let isGroup = ["dead-letters", "routes"].contains(arguments.first)
        arguments.insert(contentsOf: ["--socket", socket], at: isGroup ? 2 : 1)
        return try BuiltProgram.run("mpushctl", arguments, environment: environment)
    }

    /// The real curl on the API's socket: the status is the answer's.
    func curl(_ path: String, _ arguments: String...) throws -> Outcome {
        let outcome = try BuiltProgram.run(
            "/usr/bin/curl",
            ["-sS", "--max-time", "20", "-w", "\\n%{http_code}", "--unix-socket", socket] + arguments
                + ["http://localhost" + path])
        var lines = outcome.output.split(separator: "\n", omittingEmptySubsequences: false)
        let status = lines.popLast().flatMap { Int32($0) } ?? 0
        return Outcome(status: status, output: lines.joined(separator: "\n"), complaint: outcome.complaint)
    }

    func push(_ text: String) async throws {
        _ = try await simulator.push(ByteBuffer(string: text), to: "alice", flags: .autoAck).get()
    }

    /// Runs `body` with a daemon that is online, and ends all after it.
    static func run(more: String = "", _ body: (PlayedDaemon) async throws -> Void) async throws {
        let daemon = try await PlayedDaemon(more: more)
        do {
            try await daemon.start()
            try await body(daemon)
            await daemon.tearDown()
        } catch {
            await daemon.tearDown()
            throw error
        }
    }

    func tearDown() async {
        end()
        _ = try? await simulator.shutDown().get()
        _ = try? await group.shutdownGracefully()
        try? FileManager.default.removeItem(at: directory)
    }
}
