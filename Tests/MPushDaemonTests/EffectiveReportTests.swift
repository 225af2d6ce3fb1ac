import Foundation
import MPushJSON
import MPushTestSupport
import Testing

/// `mpushd check --show`: each value in force, and where it comes from, for people and for programs.
@Suite struct EffectiveReportTests {
    private let directory: TemporaryDirectory
    private let file: String

    init() throws {
        directory = try TemporaryDirectory()
        let text = """
            [server]
            endpoints = ["push.example.com:3443"]
            public_key = "\(try directory.write("server.pem", "a key".utf8))"
            [identity]
            user = "alice"
            credential_file = "$CREDENTIALS_DIRECTORY/alice"
            [proxy]
            from_environment = true
            [[route]]
            name = "hook"
            webhook = "https://a.example/x"
            secret = "a long random text"
            """
        try directory.write("alice", "known only here".utf8)
        file = try directory.write("mpushd.toml", text.utf8)
    }

    private func show(_ more: String...) throws -> String {
        let outcome = try BuiltProgram.run(
            "mpushd", ["check", "--show", file] + more,
            environment: [
                "CREDENTIALS_DIRECTORY": directory.url.path, "https_proxy": "http://me:hidden@proxy.example.com:3128",
            ])
        #expect(outcome.status == 0, "\(outcome.complaint)")
        for secret in ["a long random text", "hidden", "known only here"] { #expect(!outcome.output.contains(secret)) }
        return outcome.output
    }

    /// What stands behind the value of each key.
    @Test func textHasEachValueAndWhereItComesFrom() throws {
        let lines = try show().split(separator: "\n").map { line in
            line.split(separator: " ", omittingEmptySubsequences: true).joined(separator: " ")
        }
        for line in [
            "server.endpoints = [\"push.example.com:3443\"] # \(file):2", "server.order = \"listed\" # default",
            "identity.credential_file = \"$CREDENTIALS_DIRECTORY/alice\" # \(file):6: \(directory.path("alice"))",
            "proxy.url = \"http://proxy.example.com:3128\" # $https_proxy", "route[1].secret = (withheld) # \(file):12",
        ] { #expect(lines.contains(line), "\(line)") }
        #expect(lines.last?.hasPrefix("# Keys that are not listed") == true)
    }

    @Test(
        arguments: [
            ("server.endpoints", "[\"push.example.com:3443\"]", "file", 2),
            ("server.order", "\"listed\"", "default", nil),
            ("identity.credential_file", "\"$CREDENTIALS_DIRECTORY/alice\"", "file", 6),
            ("proxy.url", "\"http://proxy.example.com:3128\"", "variable", nil), ("route[1].secret", nil, "file", 12),
        ] as [(String, String?, String, Int64?)])
    func jsonHasTheSameForPrograms(key: String, value: String?, origin: String, line: Int64?) throws {
        let shown = try JSONParser.parse(try show("--json"))["values"]?.array?.first { $0["key"]?.string == key }
        #expect(shown?["value"]?.string == value)
        #expect(shown?["origin"]?.string == origin)
        #expect(shown?["file"]?.string == (origin == "file" ? file : nil))
        #expect(shown?["line"]?.integer == line)
        #expect(shown?["variable"]?.string == (origin == "variable" ? "https_proxy" : nil))
        #expect(shown?["path"]?.string == (value?.contains("$") == true ? directory.path("alice") : nil))
    }
}
