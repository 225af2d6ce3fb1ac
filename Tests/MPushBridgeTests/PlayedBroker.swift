import Foundation
import Glibc
import MPushTestSupport
import Testing

/// A mosquitto of the test's own, on a port that was free a moment ago, with what it keeps in a directory of the test.
final class PlayedBroker {
    static let program = ["/usr/sbin/mosquitto", "/usr/local/sbin/mosquitto", "/usr/bin/mosquitto"]
        .first { (path: String) in access(path, X_OK) == 0 }
    static let isInstalled = program != nil && access("/usr/bin/mosquitto_sub", X_OK) == 0

    let port: UInt16
    private let directory: TemporaryDirectory
    private var process = Process()

    /// - Parameter settings: lines of mosquitto.conf(5) besides the listener's.
    init(in directory: TemporaryDirectory, _ settings: [String] = ["allow_anonymous true"]) throws {
        self.directory = directory
        port = try LoopbackPort.unused()
        let common = [
            "listener \(port) 127.0.0.1", "persistence true", "persistence_location \(directory.url.path)/",
            "max_queued_messages 100000", "log_type error", "log_type notice", "log_type information",
        ]
        // It would give root up, and with it what only root can read.
        let user = geteuid() == 0 ? ["user root"] : []
        try directory.write("mosquitto.conf", (common + user + settings).joined(separator: "\n").utf8)
        try start()
    }

    deinit { stop() }

    var url: String { "mqtt://127.0.0.1:\(port)" }

    func start() throws {
        process = try Process.server(
            PlayedBroker.program, ["-c", directory.path("mosquitto.conf")], thatSays: " running")
    }

    /// It keeps what it has, as it does when it is told to end.
    func stop() {
        guard process.isRunning else { return }
        process.terminate()
        process.waitUntilExit()
    }

    /// From now on it keeps messages for `read`.
    func subscribe() throws {
        let outcome = try BuiltProgram.run("/usr/bin/mosquitto_sub", reader + ["-E"])
        try #require(outcome.status == 0, "\(outcome.complaint)")
    }

    /// The messages that it has kept, as `format` of mosquitto_sub(1) shows them, until `count` different ones have come, or none
    /// for half a minute.
    func read(_ count: Int, format: String = "%t %p") throws -> [String] {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(filePath: "/usr/bin/mosquitto_sub")
        process.arguments = reader + ["-W", "30", "-F", format]
        process.standardOutput = output
        try process.runUnmasked()
        defer {
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
        }
        var (lines, different): ([String], Set<String>) = ([], [])
        var rest: [UInt8] = []
        while different.count < count {
            let more = output.fileHandleForReading.availableData
            if more.isEmpty { break }
            rest += more
            guard let end = rest.lastIndex(of: UInt8(ascii: "\n")) else { continue }
            let complete = rest[...end].split(separator: UInt8(ascii: "\n")).map { String(decoding: $0, as: UTF8.self) }
            rest.removeSubrange(...end)
            lines += complete
            different.formUnion(complete)
        }
        return lines
    }

    private var reader: [String] {
        ["-h", "127.0.0.1", "-p", String(port), "-c", "-i", "reader", "-q", "1", "-t", "push/#"]
    }
}

extension Process {
    /// Starts a server, and waits until it says on its standard error that it is there.
    static func server(_ program: String?, _ arguments: [String], thatSays words: String) throws -> Process {
        let (process, output) = (Process(), Pipe())
        process.executableURL = URL(filePath: try #require(program))
        process.arguments = arguments
        process.standardOutput = FileHandle.nullDevice
        process.standardError = output
        try process.runUnmasked()
        var said = ""
        while !said.contains(words) {
            let piece = try output.fileHandleForReading.nextData()
            try #require(!piece.isEmpty, "it has not started: \(said)")
            said += String(decoding: piece, as: UTF8.self)
        }
        output.fileHandleForReading.readabilityHandler = { _ = $0.availableData }
        return process
    }

    /// Starts it with no signal blocked: the threads of tests block them, and a program begins with what its starter blocks.
    func runUnmasked() throws {
        var (none, before) = (sigset_t(), sigset_t())
        sigemptyset(&none)
        pthread_sigmask(SIG_SETMASK, &none, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        try run()
    }
}
