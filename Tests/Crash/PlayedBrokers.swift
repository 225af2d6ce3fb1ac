import Foundation
import MPushModel

/// A broker of each kind that bridges know, and what they have got. Kafka's is the cluster that librdkafka has for tests, which
/// keeps nothing when it ends.
final class PlayedBrokers {
    private let scene: TrialScene
    /// What talks to brokers that have no program for it.
    private let tool: String
    private let ports: [BrokerKind: UInt16]
    private var processes: [BrokerKind: Process] = [:]
    private(set) var kafka = ""

    /// - Parameter tool: `Tests/Package/brokers.py`.
    init(_ scene: TrialScene, tool: String, ports: [BrokerKind: UInt16]) throws {
        (self.scene, self.tool, self.ports) = (scene, tool, ports)
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
        try eventually("nats-server") { try ask("$JS.API.STREAM.CREATE.PUSH", stream).contains("\"config\"") }
        try eventually("the cluster of Kafka") {
            kafka = scene.lines(of: "kafka").first ?? ""
            return !kafka.isEmpty
        }
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
        for process in processes.values {
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
        }
    }

    /// The ids of all messages that a broker has got, as often as it has them. What is read of MQTT is gone there.
    func received(_ kind: BrokerKind) throws -> [String] {
        let lines =
            switch kind {
            case .mqtt: try run("mosquitto_sub", subscriber + ["-W", "2", "-F", "%p"]).lines
            case .nats: try run(tool, ["nats-stream", "\(port(.nats))", "PUSH"]).lines
            case .kafka: try run("kcat", ["-b", kafka, "-C", "-t", "push", "-o", "beginning", "-e", "-q"]).lines
            }
        return lines.compactMap { NumberedPusher.id(Data($0.utf8)) }
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
        process.environment = ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"]
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
