import Foundation
import MPushModel

/// A broker of each kind that bridges know, and what they have got. Kafka's is the cluster that librdkafka has for tests, which
/// keeps nothing when it ends, and drops the oldest of a partition beyond 5 MiB of it (rdkafka_mock.c), some 25,000 messages:
/// they have to be read before.
final class PlayedBrokers {
    private static let folders = ["/usr/sbin", "/usr/bin", "/sbin", "/bin"]
    /// How many partitions a topic has that librdkafka's cluster made.
    private static let partitions = 4

    private let scene: TrialScene
    /// What talks to brokers that have no program for it.
    private let tool: String
    private let ports: [BrokerKind: UInt16]
    private var processes: [BrokerKind: Process] = [:]
    private(set) var kafka = ""
    /// What is read next, of each partition of Kafka's topic.
    private var offsets = Array(repeating: 0, count: PlayedBrokers.partitions)

    /// - Parameter tool: `Tests/Package/brokers.py`.
    init(_ scene: TrialScene, tool: String, ports: [BrokerKind: UInt16]) throws {
        (self.scene, self.tool, self.ports) = (scene, tool, ports)
        for program in ["mosquitto", "mosquitto_sub", "nats-server", "kcat"] {
            let places = PlayedBrokers.folders.map { "\($0)/\(program)" }
            guard places.contains(where: FileManager.default.isExecutableFile) else {
                throw CrashError("there is no \(program)")
            }
        }
        do {
            try begin()
        } catch {
            stop()
            throw error
        }
    }

    private func begin() throws {
        try scene.write(
            """
            listener \(port(.mqtt)) 127.0.0.1
            allow_anonymous true
            persistence true
            persistence_location \(scene.file("").path)
            max_queued_messages 0
            # It would give root up, and with it the right to write there.
            \(geteuid() == 0 ? "user root" : "")

            """, to: "mosquitto.conf")
        for kind in BrokerKind.allCases { try start(kind) }
        try eventually("mosquitto") { try run("mosquitto_sub", subscriber + ["-E"]).status == 0 }
        try awaitNATS()
        try eventually("the cluster of Kafka") {
            kafka = scene.lines(of: "kafka").first ?? ""
            return !kafka.isEmpty
        }
    }

    /// Makes the stream where it is not there.
    private func awaitNATS() throws {
        try eventually("nats-server") { try ask("$JS.API.STREAM.CREATE.PUSH", stream).contains("\"config\"") }
    }

    private let stream = #"{"name":"PUSH","subjects":["push.>"],"storage":"file"}"#
    private var subscriber: [String] { ["-p", "\(port(.mqtt))", "-i", "trial", "-c", "-q", "1", "-t", "push/#"] }

    private func port(_ kind: BrokerKind) -> UInt16 { ports[kind] ?? 0 }

    private func start(_ kind: BrokerKind) throws {
        let (program, arguments) =
            switch kind {
            case .mqtt: ("mosquitto", ["-c", scene.file("mosquitto.conf").path])
            case .nats:
                (
                    "nats-server",
                    ["-a", "127.0.0.1", "-p", "\(port(.nats))", "-js", "-sd", scene.file("jetstream").path]
                )
            case .kafka: (tool, ["kafka", scene.file("kafka").path])
            }
        processes[kind] = try launch(program, arguments)
    }

    /// It is away for `time`. That of MQTT ends in good order, and writes what it has: it has no other way to keep it.
    func interrupt(_ kind: BrokerKind, for time: UInt32) throws {
        guard let process = processes[kind] else { return }
        kill(process.processIdentifier, kind == .mqtt ? SIGTERM : SIGKILL)
        process.waitUntilExit()
        usleep(time)
        try start(kind)
    }

    func stop() {
        for process in processes.values where process.isRunning {
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
        }
    }

    /// The ids of the messages that a broker has got, as often as it has them: of NATS all, of the others those that were
    /// not read before. Throws where it cannot be read.
    func received(_ kind: BrokerKind) throws -> [String] {
        let lines: [String]
        switch kind {
        // It ends because nothing comes any more, which it calls a failure.
        case .mqtt: lines = try run("mosquitto_sub", subscriber + ["-W", "2", "-F", "%p"]).lines
        case .nats:
            try awaitNATS()
            lines = try read(tool, ["nats-stream", "\(port(.nats))", "PUSH"])
        case .kafka: lines = try offsets.indices.flatMap(readPartition)
        }
        return lines.compactMap { NumberedPusher.id(Data($0.utf8)) }
    }

    private func readPartition(_ number: Int) throws -> [String] {
        let lines = try read(
            "kcat",
            [
                "-b", kafka, "-C", "-t", "push", "-p", "\(number)", "-o", "\(offsets[number])", "-X",
                "auto.offset.reset=error", "-e", "-q", "-f", "%o %s\\n",
            ])
        offsets[number] += lines.count
        let parts = lines.map { $0.split(separator: " ", maxSplits: 1) }
        guard let last = parts.last else { return [] }
        guard Int(last[0]) == offsets[number] - 1 else { throw CrashError("the cluster of Kafka has dropped messages") }
        return parts.map { String($0.last ?? "") }
    }

    private func read(_ program: String, _ arguments: [String]) throws -> [String] {
        let (status, lines) = try run(program, arguments)
        guard status == 0 else { throw CrashError("\(program) ended with status \(status)") }
        return lines
    }

    private func ask(_ subject: String, _ content: String) throws -> String {
        try run(tool, ["nats", "\(port(.nats))", subject, content]).lines.joined()
    }

    private func run(_ program: String, _ arguments: [String]) throws -> (status: Int32, lines: [String]) {
        let output = Pipe()
        let process = try launch(program, arguments, output: output)
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return (process.terminationStatus, text.split(separator: "\n").map(String.init))
    }

    private func launch(_ program: String, _ arguments: [String], output: Pipe? = nil) throws -> Process {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [program] + arguments
        process.environment = ["PATH": PlayedBrokers.folders.joined(separator: ":")]
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output ?? FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        return process
    }

    private func eventually(_ what: String, _ isSo: () throws -> Bool) throws {
        for _ in 0..<200 {
            if try isSo() { return }
            usleep(50_000)
        }
        throw CrashError("\(what) does not start")
    }
}
