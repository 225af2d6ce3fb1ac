import MPushJSON
import Testing

@testable import mpushd

/// The command line of mpushd, and its help.
@Suite struct CommandLineTests {
    @Test(
        arguments: [
            (["run"], Command.run, [:]),
            (["run", "--config", "a.toml", "--print"], .run, ["config": "a.toml", "print": ""]),
            (["run", "--config=a=b.toml"], .run, ["config": "a=b.toml"]),
            (["run", "-c", "a.toml"], .run, ["config": "a.toml"]),
            (["init", "--endpoint", "h:1", "--yes"], .`init`, ["endpoint": "h:1", "yes": ""]),
            (["check"], .check, [:]), (["check", "a.toml"], .check, ["config": "a.toml"]),
            (["check", "--config", "a.toml"], .check, ["config": "a.toml"]),
            (["check", "--show"], .check, ["show": ""]), (["doctor", "a.toml"], .doctor, ["config": "a.toml"]),
            (["check", "--json", "a.toml"], .check, ["config": "a.toml", "json": ""]),
            (["doctor", "--json", "--endpoint=h:1"], .doctor, ["json": "", "endpoint": "h:1"]),
        ] as [([String], Command, [String: String])])
    func isRead(arguments: [String], command: Command, values: [String: String]) {
        #expect(CommandLineArguments(arguments) == .command(command, values: values))
    }

    @Test(
        arguments: [
            ([], "missing"), (["walk"], "walk: no such command"), (["run", "x"], "x: no such argument"),
            (["run", "--config"], "a file must follow"), (["run", "--config="], "a file must follow"),
            (["run", "-c"], "a file must follow"), (["run", "--print=1"], "--print=1: no such option"),
            (["run", "--print", "--print"], "once only"), (["check", "a", "b"], "one file at most"),
            (["check", ""], "a file must follow"), (["check", "--print"], "--print: no such option"),
            (["run", "-c=x"], "-c=x: no such option"), (["run", "-"], "-: no such argument"),
            (["doctor", "a", "b"], "one file at most"),
        ] as [([String], String)])
    func isRefusedInWords(arguments: [String], words: String) {
        guard case .wrong(let what) = CommandLineArguments(arguments) else {
            Issue.record("\(arguments) were taken")
            return
        }
        #expect(what.contains(words), "\(what)")
    }

    @Test func helpIsAskedForAnywhere() {
        for arguments in [["--help"], ["-h"], ["help"], ["run", "--print", "-h"], ["check", "--help"]] {
            #expect(CommandLineArguments(arguments) == .help)
        }
        #expect(CommandLineArguments(["--version"]) == .version)
    }

    @Test func theHelpAndTheDumpHaveEveryOption() throws {
        let commands = try #require(HelpText.dump["command"]?["subcommands"]?.array)
        for (command, dumped) in zip(Command.allCases, commands) {
            #expect(dumped["commandName"]?.string == command.rawValue)
            #expect(HelpText.help.contains("\n  \(command)"))
            for (option, argument) in zip(command.options, dumped["arguments"]?.array ?? []) {
                #expect(HelpText.help.contains("    \(option.shown) "))
                #expect(argument["names"]?.array?.first?["name"]?.string == option.name)
            }
        }
        for line in HelpText.help.split(separator: "\n") { #expect(line.count <= 132, "\(line)") }
    }
}
