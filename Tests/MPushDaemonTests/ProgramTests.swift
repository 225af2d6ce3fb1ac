import Foundation
import MPushCipher
import MPushTestSupport
import Testing

/// mpushd as its users call it: what it says, where, and with what status it ends (sysexits.h(3)).
@Suite struct ProgramTests {
    /// The base64 of a key about which there is nothing to say. One for all: making it takes time.
    private static let goodKey = (try? RSAPrivateKey.generate(bits: 2048))?.publicKey.base64 ?? ""

    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
        try directory.write("server.pem", Self.goodKey.utf8)
    }

    private func configuration(_ more: String = "", transport: String = "tls") throws -> String {
        let text = """
            [server]
            endpoints = ["push.example.com:3443"]
            public_key = "\(directory.path("server.pem"))"
            transport = "\(transport)"
            [identity]
            user = "alice"
            \(more)
            """
        return try directory.write("mpushd.toml", text.utf8)
    }

    @Test(arguments: ["--help", "-h", "help"])
    func helpIsNoError(argument: String) throws {
        let outcome = try Program.run(argument)
        #expect(outcome.status == 0)
        #expect(outcome.output.contains("usage: mpushd init|run|check|doctor"))
        #expect(outcome.complaint.isEmpty)
    }

    @Test(arguments: [["--config"], ["-c"], []])
    func checkTakesItsFileAsRunDoesOrAlone(option: [String]) throws {
        let file = try configuration()
        let outcome =
            try option.isEmpty ? Program.run("check", file) : Program.run("check", option[0], file)
        #expect(outcome.status == 0, "\(outcome.complaint)")
        #expect(outcome.output.hasPrefix("\(file): good."))
    }

    /// Who may change things never depends on a slip: with a group that is not there the daemon does not start.
    @Test(arguments: ["check", "run"])
    func aGroupThatIsNotThereIsAnError(command: String) throws {
        let file = try configuration(
            "[api]\ngroup = \"no-such-group\"\nsocket = \"\(directory.path("s"))\"\n[state]\n"
                + "directory = \"\(directory.path("state"))\"")
        let outcome = try Program.run(command, "--config", file)
        #expect(outcome.status == EX_CONFIG)
        #expect(outcome.complaint.contains("\(file):8: "), "\(outcome.complaint)")
        #expect(outcome.complaint.contains("api.group"), "\(outcome.complaint)")
        #expect(outcome.complaint.contains("there is no group no-such-group"), "\(outcome.complaint)")
    }

    /// In a user namespace that hides the group, as PrivateUsers=yes makes one.
    @Test(
        .enabled(if: geteuid() == 0, "needs root, to make the namespace"), arguments: ["check", "run"])
    func aGroupThatIsHiddenIsAnError(command: String) throws {
        let file = try configuration(
            "[api]\ngroup = 8\nsocket = \"\(directory.path("s"))\"\n[state]\n"
                + "directory = \"\(directory.path("state"))\"")
        let program = try BuiltProgram.url("mpushd").path
        let outcome = try BuiltProgram.run(
            "/usr/bin/unshare", ["--user", "--map-root-user", program, command, "--config", file])
        #expect(outcome.status == EX_CONFIG, "\(outcome.complaint)")
        #expect(outcome.complaint.contains("PrivateUsers=no"), "\(outcome.complaint)")
    }

    /// An inbox that takes long to open, for a journal to play back or another version's tables, is no failed start.
    @Test func theServiceManagerGivesTheInboxItsTime() throws {
        let manager = try NotifySocket()
        let process = Process()
        process.executableURL = try BuiltProgram.url("mpushd")
        process.arguments = ["run", "--config", try configuration("[api]\nenabled = false")]
        process.environment = ["NOTIFY_SOCKET": manager.path, "STATE_DIRECTORY": directory.path("state")]
        process.standardError = Pipe()
        try process.run()
        defer {
            process.terminate()
            process.waitUntilExit()
        }
        var notifications: [[String]] = []
        while notifications.last?.first != "READY=1", process.isRunning {
            if let next = manager.next() { notifications.append(next) }
        }
        #expect(Array(notifications.prefix(2)) == [["EXTEND_TIMEOUT_USEC=600000000"], ["STATUS=opening the inbox"]])
        #expect(notifications.last?.first == "READY=1")
    }

    @Test func theVersionIsSaid() throws {
        #expect(try Program.run("--version").output.hasPrefix("mpushd "))
        #expect(try Program.run("run", "--help").status == 0)
    }

    @Test(
        arguments: [
            ([], "a command is missing"), (["walk"], "walk: no such command"),
            (["run", "--fast"], "--fast: no such option"),
            (["run", "--config"], "--config: a file must follow"), (["run", "--config="], "a file must follow"),
            (["check", "-v"], "-v: no such option"), (["check", "--config"], "a file must follow"),
            (["check", "a", "b"], "one file at most"),
        ] as [([String], String)])
    func wrongArgumentsAreSaidWithTheUsage(arguments: [String], words: String) throws {
        let outcome =
            switch arguments.count {
            case 0: try Program.run()
            case 1: try Program.run(arguments[0])
            case 2: try Program.run(arguments[0], arguments[1])
            default: try Program.run(arguments[0], arguments[1], arguments[2])
            }
        #expect(outcome.status == 64)
        #expect(outcome.output.isEmpty)
        #expect(outcome.complaint.contains(words))
        #expect(outcome.complaint.contains("usage: mpushd"))
    }

    @Test func aGoodConfigurationIsCalledGood() throws {
        let path = try configuration()
        let outcome = try Program.run("check", path)
        #expect(outcome.status == 0)
        #expect(outcome.output == "\(path): good. 1 identity, 1 endpoint.\n")
        #expect(outcome.complaint.isEmpty)
    }

    @Test func warningsBeginWithTheWord() throws {
        let path = try configuration(transport: "plaintext")
        let outcome = try Program.run("check", path)
        #expect(outcome.status == 0)
        let lines = outcome.output.split(separator: "\n")
        #expect(lines.first?.contains(": good. ") == true)
        #expect(lines.dropFirst().allSatisfy { $0.hasPrefix("warning: \(path):4: server.transport: ") })
        #expect(lines.count == 2)
    }

    @Test func allErrorsAreSaidAndCounted() throws {
        let path = try configuration("[heartbeat]\nping_every = \"5 minutes\"\n[nonsense]\nkey = 1")
        let outcome = try Program.run("check", path)
        #expect(outcome.status == 78)
        #expect(outcome.output.isEmpty)
        let lines = outcome.complaint.split(separator: "\n")
        #expect(lines.first?.hasPrefix("\(path):8: heartbeat.ping_every: ") == true)
        #expect(lines.last == "2 errors.")
        #expect(lines.count == 3)
    }

    @Test func aMissingFileIsAWrongConfiguration() throws {
        let path = directory.path("nowhere.toml")
        let checked = try Program.run("check", path)
        #expect(checked.status == 78)
        #expect(checked.complaint.contains(path))
        let run = try Program.run("run", "--config", path)
        #expect(run.status == 78)
        #expect(run.complaint.contains("mpushd does not start"))
        #expect(try Program.run("run", "--config=\(path)").status == 78)
    }
}
