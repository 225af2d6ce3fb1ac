import Foundation
import Glibc
import MPushJSON
import MPushTestSupport
import Testing

/// A nats-server of the test's own with JetStream, on a port that was free a moment ago.
final class PlayedNATS {
    static let program = ["/usr/sbin/nats-server", "/usr/bin/nats-server", "/usr/local/bin/nats-server"]
        .first { (path: String) in access(path, X_OK) == 0 }
    static let isInstalled = program != nil

    let name: String
    let port: UInt16
    private let file: String
    private var process = Process()

    /// - Parameter settings: lines of the server's configuration besides what every one has.
    init(in directory: TemporaryDirectory, name: String = "n1", _ settings: [String] = []) throws {
        (self.name, port) = (name, try LoopbackPort.unused())
        let store = directory.path("store-\(name)")
        let common = [
            "listen: \"127.0.0.1:\(port)\"", "server_name: \(name)", "jetstream { store_dir: \"\(store)\" }",
        ]
        file = try directory.write("\(name).conf", (common + settings).joined(separator: "\n").utf8)
        try start()
    }

    /// Three servers that store together.
    static func cluster(in directory: TemporaryDirectory) throws -> [PlayedNATS] {
        let ports = try (0..<3).map { _ in try LoopbackPort.unused() }
        let routes = ports.map { "\"nats://127.0.0.1:\($0)\"" }.joined(separator: ", ")
        return try ports.enumerated().map { index, port in
            try PlayedNATS(
                in: directory, name: "n\(index + 1)",
                ["cluster { name: c, listen: \"127.0.0.1:\(port)\", routes: [\(routes)] }"])
        }
    }

    deinit { kill() }

    var url: String { "nats://127.0.0.1:\(port)" }

    func start() throws {
        process = try Process.server(PlayedNATS.program, ["-c", file], thatSays: "Server is ready")
    }

    /// As a machine ends whose power goes.
    func kill() {
        guard process.isRunning else { return }
        Glibc.kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    /// It hangs: its connections are there, and nobody reads them.
    func stop() {
        Glibc.kill(process.processIdentifier, SIGSTOP)
        // Its threads go on until one of them has taken the signal, which on a busy machine is long enough to answer.
        var state = siginfo_t()
        waitid(P_PID, id_t(process.processIdentifier), &state, WSTOPPED | WNOWAIT)
    }

    // MARK: - Requests

    /// A server, or a cluster, does not answer to this in time.
    struct Silence: Error {
        let subject: String
    }

    /// A stream for `push.>`, once the servers are ready for one.
    func createStream(replicas: Int = 1, _ more: String = "") throws {
        let request = #"{"name":"PUSH","subjects":["push.>"],"num_replicas":\#(replicas)\#(more)}"#
        for _ in 0..<600 {
            let answer = try? self.request("$JS.API.STREAM.CREATE.PUSH", request)
            if let answer, answer["error"] == nil { return }
            // A cluster has no leader in its first seconds, on a busy machine in its first half minute.
            usleep(100_000)
        }
        Issue.record("there is no stream")
    }

    /// Messages of the stream, and the last number that it gave; nil where it does not answer.
    func streamState() throws -> (messages: Int64, last: Int64)? {
        let state = try request("$JS.API.STREAM.INFO.PUSH")["state"]
        guard let messages = state?["messages"]?.integer, let last = state?["last_seq"]?.integer else { return nil }
        return (messages, last)
    }

    /// The server that leads the stream.
    func streamLeader() throws -> String? { try request("$JS.API.STREAM.INFO.PUSH")["cluster"]?["leader"]?.string }

    /// Subject, headers and content of message `number` of the stream.
    func message(_ number: Int) throws -> (subject: String, headers: String, content: [UInt8]) {
        let message = try request("$JS.API.STREAM.MSG.GET.PUSH", "{\"seq\":\(number)}")["message"]
        func bytes(_ key: String) -> [UInt8] { Array(Data(base64Encoded: message?[key]?.string ?? "") ?? Data()) }
        return (message?["subject"]?.string ?? "", String(decoding: bytes("hdrs"), as: UTF8.self), bytes("data"))
    }

    /// What is answered to a request, in NATS's own protocol.
    private func request(_ subject: String, _ content: String = "") throws -> JSONValue {
        let connection = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(connection) }
        var wait = timeval(tv_sec: 3, tv_usec: 0)
        setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &wait, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let isConnected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(connection, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        try #require(isConnected)
        let text =
            "CONNECT {\"verbose\":false}\r\nSUB _INBOX.t 1\r\nPUB \(subject) _INBOX.t \(content.utf8.count)\r\n"
            + "\(content)\r\n"
        try #require(Glibc.write(connection, text, text.utf8.count) == text.utf8.count)
        var read: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = Glibc.read(connection, &piece, piece.count)
            guard count > 0 else { throw Silence(subject: subject) }
            read += piece[..<count]
            // INFO and PING come before.
            guard let start = read.firstRange(of: Array("\r\nMSG _INBOX.t ".utf8)),
                let end = read[start.upperBound...].firstRange(of: Array("\r\n".utf8))
            else { continue }
            let head = String(decoding: read[start.upperBound..<end.lowerBound], as: UTF8.self)
            let length = try #require(Int(head.split(separator: " ").last ?? ""))
            let body = read[end.upperBound...]
            if body.count >= length { return try JSONParser.parse(Array(body.prefix(length))[...]) }
        }
    }
}
