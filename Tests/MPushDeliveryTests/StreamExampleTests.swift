import Foundation
import MPushConfiguration
import MPushConnection
import MPushInbox
import MPushModel
import MPushRouting
import MPushSystemd
import MPushTestSupport
import Testing

@testable import MPushDelivery

/// The programs that documents and packages show, run as a route's target.
@Suite(.timeLimit(.minutes(1))) struct StreamExampleTests {
    private static let root = Fixture.folder.deletingLastPathComponent().deletingLastPathComponent()
    private static let examples = root.appending(path: "config/examples").path

    /// Delivers messages to a program, ends it, and begins anew with what another program says of what it left.
    private func deliver(_ program: String, _ arguments: [String], count: Int = 100) async throws -> DeliveryBench {
        let bench = try DeliveryBench()
        let route = LoadedRoute.stream(
            StreamSettings(
                program: program, arguments: arguments.map { $0.replacing("%", with: bench.directory.path) }),
            attempts: 3, wait: .milliseconds(20))
        try await bench.start([route], patience: .seconds(10))
        try await bench.store((1...count).map { "text \($0)\n\"quoted\"" })
        try await bench.wait { $0.consumed.count == count }
        #expect(bench.sink.texts(of: .warning).isEmpty && bench.sink.texts(.programOutput).isEmpty)
        try await bench.stop()
        return bench
    }

    private func stored(_ bench: DeliveryBench) throws -> String {
        let query =
            "import sqlite3, sys; print(*sqlite3.connect(sys.argv[1]).execute("
            + "'SELECT count(*), count(DISTINCT content), min(content) FROM messages').fetchone(), sep='|')"
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/python3")
        process.arguments = ["-c", query, bench.directory.path + "/store.db"]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        process.waitUntilExit()
        return String(decoding: try pipe.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
    }

    @Test func theExampleInPythonStoresAll() async throws {
        let bench = try await deliver("/usr/bin/python3", [Self.examples + "/stream-store.py", "%/store.db"])
        defer { bench.remove() }
        #expect(try stored(bench) == "100|100|text 1\n\"quoted\"\n")
    }

    /// A database that is locked is a reason to wait, and nothing is lost or given up.
    @Test func theExampleInPythonTriesAgain() async throws {
        let bench = try DeliveryBench()
        defer { bench.remove() }
        let path = bench.directory.path + "/store.db"
        let text = try String(contentsOfFile: Self.examples + "/stream-store.py", encoding: .utf8)
        #expect(text.contains("timeout=5") && text.contains("\"wait\": 5"))
        let script = try bench.script(
            text.replacing("timeout=5", with: "timeout=0").replacing("\"wait\": 5", with: "\"wait\": 0"), "store.py")
        let lock = """
            import sqlite3, sys
            database = sqlite3.connect(sys.argv[1], isolation_level=None)
            database.execute("CREATE TABLE IF NOT EXISTS messages (identity TEXT, id TEXT, received TEXT, content TEXT,"
                " PRIMARY KEY (identity, id))")
            database.execute("BEGIN IMMEDIATE")
            print("locked", flush=True)
            sys.stdin.read()
            """
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/python3")
        process.arguments = ["-c", lock, path]
        let (input, output) = (Pipe(), Pipe())
        (process.standardInput, process.standardOutput) = (input, output)
        try process.run()
        #expect(String(decoding: output.fileHandleForReading.availableData, as: UTF8.self).hasPrefix("locked"))
        let route = LoadedRoute.stream(
            StreamSettings(program: "/usr/bin/python3", arguments: [script, path]), attempts: 1000,
            wait: .milliseconds(20))
        try await bench.start([route])
        try await bench.store(["a", "b"])
        try await bench.wait {
            $0.results.contains { if case .failed("database is locked", _) = $0 { true } else { false } }
        }
        try input.fileHandleForWriting.close()
        process.waitUntilExit()
        try await bench.wait { $0.consumed.count == 2 }
        try await bench.stop()
        #expect(try stored(bench) == "2|2|a\n")
    }

    @Test(.enabled(if: FileManager.default.fileExists(atPath: "/usr/bin/jq")))
    func theExampleInShellAppendsAll() async throws {
        let bench = try await deliver("/bin/sh", [Self.examples + "/stream-append.sh", "%/out"], count: 20)
        defer { bench.remove() }
        let lines = bench.content("out").split(separator: "\n")
        let contents = try lines.map {
            try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])["content"] as? String
        }
        #expect(contents == (1...20).map { "text \($0)\n\"quoted\"" })
    }

    @Test func theProgramOfTheDocumentStoresAll() async throws {
        let text = try String(contentsOf: Self.root.appending(path: "docs/STREAM.md"), encoding: .utf8)
        let blocks = text.split(separator: "```").filter { $0.hasPrefix("python\n") }
        #expect(blocks.count == 1)
        let bench = try await deliver("/usr/bin/python3", ["-c", String(blocks[0].dropFirst(7)), "%/store.db"])
        defer { bench.remove() }
        #expect(try stored(bench).hasPrefix("100|100|"))
    }
}
