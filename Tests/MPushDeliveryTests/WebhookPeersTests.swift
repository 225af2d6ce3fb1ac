import Foundation
import MPushConfiguration
import MPushConnection
import MPushModel
import MPushRouting
import Testing

@testable import MPushDelivery

/// Webhooks with servers that others use: nginx, and the receiver of docs/webhooks.md.
@Suite(.timeLimit(.minutes(1))) struct WebhookPeersTests {
    private static let hasNginx = FileManager.default.isExecutableFile(atPath: "/usr/sbin/nginx")

    /// nginx at a port that was free a moment before.
    private static func nginx(_ lines: String) throws -> PythonPeer {
        let script = """
            import ctypes, signal, socket, subprocess, sys
            folder = sys.argv[1]
            with socket.create_server(("127.0.0.1", 0)) as listener: port = listener.getsockname()[1]
            with open(folder + "/nginx.conf", "w") as file:
                file.write(f'''
            daemon off; master_process off; pid {folder}/pid; error_log {folder}/error.log;
            events {{ worker_connections 64; }}
            http {{
                client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
                uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
                log_format line "$connection $http_idempotency_key $status"; access_log {folder}/access.log line;
                server {{
                    listen 127.0.0.1:{port};
                    \(lines)
                    location / {{ return 200; }}
                }}
            }}
            ''')
            nginx = subprocess.Popen(
                ["/usr/sbin/nginx", "-p", folder, "-c", folder + "/nginx.conf"],
                preexec_fn=lambda: ctypes.CDLL(None).prctl(1, signal.SIGKILL))
            while True:
                try: socket.create_connection(("127.0.0.1", port)).close()
                except OSError: assert nginx.poll() is None
                else: break
            print(port, flush=True)
            nginx.wait()
            """
        return try PythonPeer(script: script) { [$0] }
    }

    private static func route(
        _ peer: PythonPeer, concurrency: Int = 1, batch: WebhookSettings.Batch? = nil
    ) throws -> LoadedRoute {
        let url = try HTTPURL(parsing: "http://127.0.0.1:\(peer.port)/")
        return LoadedRoute(
            settings: RouteSettings(
                name: "hook",
                target: .webhook(WebhookSettings(url: url, timeLimit: .seconds(10), batch: batch)),
                concurrency: concurrency,
                retry: RetryPolicy(attempts: 3, shortestWait: .milliseconds(20), longestWait: .seconds(1)),
                start: .oldest))
    }

    /// A server that closes each connection just when the next request may come: nobody's message is lost, comes twice, or costs
    /// an attempt.
    @Test(
        .enabled(if: hasNginx, "nginx is not installed"),
        arguments: [
            "keepalive_requests 3;", "keepalive_timeout 1ms;", "keepalive_timeout 2s 2s;", "keepalive_timeout 0;",
        ])
    func nginxClosesWhenItLikes(lines: String) async throws {
        let peer = try Self.nginx(lines)
        let bench = try DeliveryBench()
        defer { bench.remove() }
        try await bench.start([try Self.route(peer)])
        let count: Int64 = 60
        for number in 1...count {
            try await bench.store(["\(number)"])
            try await bench.wait { $0.consumed.last == number }
        }
        let results = try await bench.withStage { $0.results }
        try await bench.stop()
        let log = try String(contentsOf: peer.folder.appending(path: "access.log"), encoding: .utf8)
        let requests = log.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
        #expect(results == Array(repeating: .confirmed, count: Int(count)))
        #expect(requests.count == Int(count) && requests.allSatisfy { $0.count == 3 && $0[2] == "200" })
        #expect(Set(requests.map { $0[1] }).count == Int(count))
        let connections = Set(requests.map { $0[0] }).count
        switch lines {
        case "keepalive_requests 3;": #expect(connections == 20)
        case "keepalive_timeout 0;": #expect(connections == 60)
        case "keepalive_timeout 2s 2s;": #expect(connections < 10)
        default: break
        }
    }

    /// The receiver of the document has each message once, and refuses what it says that it refuses.
    @Test func theReceiverOfTheDocumentReceives() async throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let document = try String(
            contentsOf: root.deletingLastPathComponent().appending(path: "docs/webhooks.md"), encoding: .utf8)
        let block = try #require(document.split(separator: "```python\n").last?.split(separator: "\n```").first)
        let peer = try PythonPeer(script: String(block) + "\n") { ["0", "\($0)/messages.db"] }
        let bench = try DeliveryBench()
        defer { bench.remove() }
        try await bench.start([])
        try await bench.store((1...300).map { "message \($0)" })
        let batch = WebhookSettings.Batch(limits: BatchLimits(messages: 50, bytes: 1 << 20))
        try await bench.apply([try Self.route(peer, concurrency: 3, batch: batch)])
        try await bench.wait { $0.consumed.count == 300 }
        let waiting = try await bench.status("hook")?.waiting
        try await bench.stop()
        #expect(waiting == 0)
        let query = Process()
        query.executableURL = URL(filePath: "/usr/bin/python3")
        query.arguments = [
            "-c",
            """
            import sqlite3, sys
            rows = sqlite3.connect(sys.argv[1]).execute("SELECT key, content FROM message").fetchall()
            assert sorted(content for _, content in rows) == sorted(f"message {n}" for n in range(1, 301)), rows
            """, peer.folder.appending(path: "messages.db").path,
        ]
        try query.run()
        query.waitUntilExit()
        #expect(query.terminationStatus == 0)
    }
}
