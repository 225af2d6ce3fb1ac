import Foundation
import MPushTestSupport
import Testing

/// What `mpushctl report` writes to be sent on: all that helps, and nothing of what was planted in the configuration, the
/// messages, the programs and the unit.
@Suite struct ReportTests {
    private static let parts = ["status", "doctor", "check", "metrics", "journal of a day", "unit"]

    /// A secret of each kind, each of them good.
    private static func configuration(_ folder: String) -> String {
        """
        [proxy]
        url = "http://127.0.0.1:1"
        no_proxy = ["127.0.0.1"]
        user = "planted-proxy-user"
        password = "planted-proxy-password"
        [[route]]
        name = "exec"
        exec = ["/bin/sh", "-c", "echo planted-word-of-a-program >&2; exit 1", "planted-argument"]
        [[route]]
        name = "stream"
        stream = ["/usr/bin/env", "LOGIN=planted-environment", "/bin/sh", "-c", "echo planted-stderr >&2; sleep 60"]
        [[route]]
        name = "broker"
        mqtt = { url = "mqtt://127.0.0.1:1", topic = "planted-topic", user = "planted-broker-user", \
        password_file = "\(folder)/planted-broker-password" }
        [[route]]
        name = "hook"
        webhook = "http://127.0.0.1:1/planted-path?token=planted-token"
        headers = { Authorization = "Bearer planted-bearer", X-Key = "planted-header" }
        secret = "planted-signing-key"
        proxy = "http://127.0.0.1:1"
        proxy_user = "planted-user-of-the-hook's-proxy"
        proxy_password = "planted-password-of-the-hook's-proxy"
        """
    }

    private static let unit = """
        # /lib/systemd/system/mpushd.service
        [Service]
        ExecStart=/usr/bin/mpushd run --config /etc/mpushd/mpushd.toml
        DynamicUser=yes
        # /etc/systemd/system/mpushd.service.d/local.conf
        [Service]
        Environment=ALL_PROXY=http://planted-user:planted-password@proxy.example:3128 LANG=planted-language
          Environment = "ONE=planted-one" \\
            TWO=planted-two \\
        # planted-comment
            THREE=planted-three
        SetCredential=hook:planted-credential
        ExecStartPre=/usr/bin/curl -u planted-login https://hooks.example/planted
        LoadCredential=alice:/etc/mpushd/alice
        """

    /// Stand-ins for what asks the journal and the service manager: all that mpushd wrote, and a unit.
    private static func tools(in folder: URL, log: String) throws -> String {
        let tools = folder.appending(path: "tools")
        try FileManager.default.createDirectory(at: tools, withIntermediateDirectories: true)
        for (name, file) in [("journalctl", log), ("systemctl", tools.path + "/unit")] {
            let script = tools.appending(path: name)
            try "#!/bin/sh\nexec cat '\(file)'\n".write(to: script, atomically: true, encoding: .utf8)
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: script.path)
        }
        try unit.write(toFile: tools.path + "/unit", atomically: true, encoding: .utf8)
        return tools.path + ":" + (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin")
    }

    private static func report(_ daemon: PlayedDaemon, _ options: [String]) throws -> String {
        let log = try String(contentsOf: try #require(daemon.log), encoding: .utf8)
        let entries = log.split(separator: "\n").map { line in
            let isOfProgram = [" route exec: sh: ", " route stream: env: "].contains { line.contains($0) }
            return entry(
                "\"\(line.replacing("\\", with: "\\\\").replacing("\"", with: "\\\""))\"", isOfProgram: isOfProgram)
        }
        let journal = daemon.directory.path + "/journal"
        let bytes = "planted-".utf8.map { "\($0)" }.joined(separator: ",")
        try (entries + [entry("[\(bytes),255]", isOfProgram: false), "{\"MESSAGE\":\"planted and c"])
            .joined(separator: "\n").write(toFile: journal, atomically: true, encoding: .utf8)
        let file = daemon.directory.path + "/report"
        let outcome = try daemon.ctl(
            ["report", "--output", file] + options,
            environment: ["PATH": try tools(in: daemon.directory, log: journal)])
        #expect(outcome.status == 0, "\(outcome.complaint)")
        let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        return try String(contentsOfFile: file, encoding: .utf8)
    }

    /// As journalctl(1) gives it with `-o json`.
    private static func entry(_ message: String, isOfProgram: Bool) -> String {
        let id = isOfProgram ? ",\"MESSAGE_ID\":\"858ff20a60914850a81b158bd90eb347\"" : ""
        return "{\"__REALTIME_TIMESTAMP\":\"1767225600000000\",\"SYSLOG_IDENTIFIER\":\"mpushd\",\"_PID\":\"812\","
            + "\"MESSAGE\":\(message)\(id)}"
    }

    @Test(arguments: [[], ["--html"], ["--json"]])
    func aReportHasNoSecret(options: [String]) async throws {
        let folder = try TemporaryDirectory()
        try folder.write("planted-broker-password", Array("planted-password-of-the-broker".utf8))
        try await PlayedDaemon.run(more: Self.configuration(folder.path(""))) { daemon in
            try await daemon.push("planted-content")
            var status = ""
            for _ in 0..<400 where !status.contains("exit status") {
                status = try daemon.ctl("status", "--json").output
            }
            let report = try Self.report(daemon, options)
            for line in report.split(separator: "\n") where line.contains("planted") { Issue.record("\(line)") }
            let kept = [
                "no fault found", "alice", "ExecStart=/usr/bin/mpushd run", "ExecStartPre=/usr/bin/curl", "online as",
                "2026-01-01T00:00:00.000Z mpushd[812]: ",
            ]
            for part in Self.parts + kept { #expect(report.contains(part), "\(part)") }
            // It is there until now.
            #expect(try folder.names().count == 1)
        }
    }

    /// What is wrong with the configuration is said with its key; the value is not.
    @Test func whatIsWrongHasItsKeyAndNotItsValue() async throws {
        try await PlayedDaemon.run { daemon in
            let more = """
                [[route]]
                name = "broker"
                mqtt = { url = "mqtt://planted-user:planted-password@broker", topic = "x" }
                [[route]]
                name = "relative"
                exec = ["planted-program planted-argument"]
                [route.when]
                content = "planted-(expression"
                """
            let folder = daemon.directory.path + "/mpushd.d"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            try more.write(toFile: folder + "/local.toml", atomically: true, encoding: .utf8)
            let report = try Self.report(daemon, [])
            for line in report.split(separator: "\n") where line.contains("planted") { Issue.record("\(line)") }
            for place in ["route[1].mqtt.url: ", "route[2].exec[1]: ", "route[2].when.content: "] {
                #expect(report.contains(place), "\(place)")
            }
        }
    }
}
