import Foundation
import MPushConfiguration
import MPushManual
import MPushModel
import MPushTestSupport
import Testing

/// The manual is made from the help of the built programs and from the example configuration: whole, and nothing in it that
/// is not there.
@Suite struct ManualTests {
    static let project = Fixture.folder.deletingLastPathComponent().deletingLastPathComponent()
    private static let pages = project.appending(path: "Sources/Tools/mpush-manual/Pages")

    /// A page, the program that it is about, and what that wants to hear to give its help to programs.
    struct Page: CustomTestStringConvertible {
        let name: String
        let program: String
        let dump: String

        var testDescription: String { name }

        func help() throws -> CommandHelp {
            let outcome = try BuiltProgram.run(program, [dump])
            #expect(outcome.status == 0)
            return try CommandHelp(dump: Array(outcome.output.utf8))
        }

        func text() throws -> String {
            let file = FileManager.default.temporaryDirectory.appending(path: "help-\(UUID().uuidString).json")
            try Data(BuiltProgram.run(program, [dump]).output.utf8).write(to: file)
            defer { try? FileManager.default.removeItem(at: file) }
            return try ManualTests.made(name, from: file.path)
        }
    }

    static let commandPages = [
        Page(name: "mpushd.8", program: "mpushd", dump: "--dump-help"),
        Page(name: "mpushctl.1", program: "mpushctl", dump: "--experimental-dump-help"),
        Page(name: "mpush-sim.1", program: "mpush-sim", dump: "--experimental-dump-help"),
        Page(name: "mpush-bridge-mqtt.1", program: "mpush-bridge-mqtt", dump: "--dump-help"),
    ]

    private static func made(_ name: String, from source: String) throws -> String {
        let template = pages.appending(path: name + ".in").path
        let outcome = try BuiltProgram.run("mpush-manual", ["page", template, source])
        #expect(outcome.status == 0, "\(outcome.complaint)")
        return outcome.output
    }

    private static func template(_ name: String) throws -> String {
        try String(contentsOf: pages.appending(path: name + ".in"), encoding: .utf8)
    }

    private static func all(_ help: CommandHelp) -> [CommandHelp] { [help] + help.commands.flatMap(all) }

    private static func roff(_ text: String) -> String { text.replacing("-", with: "\\-") }

    // MARK: - Programs

    @Test(arguments: commandPages)
    func everyCommandAndOptionIsInThePage(page: Page) throws {
        let text = try page.text()
        let commands = Self.all(try page.help())
        #expect(commands.count > 2 || page.program == "mpush-bridge-mqtt")
        for command in commands where command.commands.isEmpty {
            #expect(text.contains(Self.roff(command.name)), "\(command.name)")
            #expect(text.contains(String(Self.roff(command.abstract).prefix(40))), "\(command.name)")
            for option in command.arguments {
                for name in option.names { #expect(text.contains("\\fB\(Self.roff(name))\\fR"), "\(name)") }
                #expect(!option.text.isEmpty || option.isOperand, "\(command.name) \(option.names) has no words")
            }
        }
        #expect(text.contains("mpushd \(ProgramVersion.current)"))
        #expect(text.firstMatch(of: /@[A-Z]+@/) == nil, "a place was not filled in")
    }

    @Test(arguments: commandPages)
    func whatATemplateSaysOfOptionsIsTrue(page: Page) throws {
        let known = Set(Self.all(try page.help()).flatMap(\.arguments).flatMap(\.names)).union(["--help", "--version"])
        var others: Set = ["--now"]
        for other in Self.commandPages where other.name != page.name {
            others.formUnion(Self.all(try other.help()).flatMap(\.arguments).flatMap(\.names))
        }
        let said = try Self.template(page.name).matches(of: /\\-\\-[a-z]+(\\-[a-z]+)*/)
            .map { String($0.output.0).replacing("\\-", with: "-") }
        for option in said { #expect(known.contains(option) || others.contains(option), "\(option)") }
    }

    // MARK: - Configuration

    @Test func everyKeyOfTheConfigurationIsInItsPage() throws {
        let file = Self.project.appending(path: "config/mpushd.toml")
        let text = try Self.made("mpushd.toml.5", from: file.path)
        let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n")
        let keys = lines.compactMap { $0.wholeMatch(of: /#?(\w+) = (.*)/) }
        #expect(keys.count > 70)
        for key in keys { #expect(text.contains("\\fB\(key.1)\\fR = "), "\(key.1)") }
        #expect(text.matches(of: #/\\fB\w+\\fR =/#).count == keys.count)
        for heading in lines.compactMap({ $0.wholeMatch(of: /#?(\[+[\w.]+\]+)/) }) {
            #expect(text.contains("\n.SS \(heading.1)\n"), "\(heading.1)")
        }
        #expect(text.firstMatch(of: /@[A-Z]+@/) == nil, "a place was not filled in")
    }

    @Test func aBlockOfTheConfigurationBecomesAnEntry() {
        let sections = ConfigurationSections(
            "# Words.\n#   kept\n\n[a]\n# Of -x.\n#key = 1\nother = \"x\"\n# No key.",
            effects: ["a.key": "Now.", "a.other": "Now."])
        #expect(
            sections.lines == [
                "Words.", ".nf", "  kept", ".fi", ".SS [a]", ".TP", "\\fBkey\\fR = 1", ".TQ",
                "\\fBother\\fR = \"x\"", "Of \\-x.", "Now.", ".PP", "No key.",
            ])
    }

    @Test func keysOfOneEntryMayDifferInWhenAChangeTakesEffect() {
        let sections = ConfigurationSections(
            "[a]\nkey = 1\nother = 2", effects: ["a.key": "Now.", "a.other": "Later."])
        #expect(sections.lines.suffix(4) == [".br", "\\fBkey\\fR: Now.", ".br", "\\fBother\\fR: Later."])
    }

    @Test func thePageSaysOfEveryKeyWhenAChangeTakesEffect() throws {
        let text = try Self.made("mpushd.toml.5", from: Self.project.appending(path: "config/mpushd.toml").path)
        let entries = text.split(separator: ".TP\n").dropFirst()
        #expect(entries.count > 60)
        for entry in entries { #expect(entry.contains("A change takes effect"), "\(entry)") }
        for effect in ChangeEffect.allCases { #expect(text.contains(effect.sentence)) }
    }

    @Test func noLineBecomesARequest() {
        #expect(
            ConfigurationSections("# .PP of mine\n# 'quoted'", effects: [:]).lines == ["\\&.PP of mine", "\\&'quoted'"])
    }

    // MARK: - Completions

    @Test(arguments: CompletionScript.Shell.allCases)
    func everyOptionIsCompleted(shell: CompletionScript.Shell) throws {
        let help = try Self.commandPages[0].help()
        let script = CompletionScript(help).text(for: shell)
        for command in help.commands {
            #expect(script.contains(command.name))
            for name in command.arguments.flatMap(\.names) {
                let word = shell == .fish ? String(name.drop { $0 == "-" }) : name
                #expect(script.contains(word), "\(name)")
            }
        }
    }

    @Test(arguments: [
        (["mpushd", "ch"], "check"), (["mpushd", "run", "--p"], "--print"),
        (["mpushd", "doctor", "--i"], "--identity"),
        (["mpushd", "--v"], "--version"), (["mpushd", "check", "--pr"], ""),
    ])
    func bashCompletes(words: [String], answer: String) throws {
        let script = CompletionScript(try Self.commandPages[0].help()).text(for: .bash)
        let typed = words.map { "'\($0)'" }.joined(separator: " ")
        let question = """
            compopt() { :; }
            \(script)
            COMP_WORDS=(\(typed)) COMP_CWORD=\(words.count - 1)
            _mpushd
            echo "${COMPREPLY[*]}"
            """
        let outcome = try BuiltProgram.run("/bin/bash", ["-euc", question])
        #expect(outcome.output == answer + "\n", "\(outcome.complaint)")
    }

    // MARK: - Wrong input

    @Test(arguments: [
        ["page", "/nonexistent", "/nonexistent.json"], ["completion", "tcsh", "x"], [], ["page"],
    ])
    func wrongArgumentsAreSaid(arguments: [String]) throws {
        let outcome = try BuiltProgram.run("mpush-manual", arguments)
        #expect(outcome.status == 64)
        #expect(outcome.complaint.hasPrefix("mpush-manual: "))
    }
}
