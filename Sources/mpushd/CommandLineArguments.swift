/// What the arguments ask for.
enum CommandLineArguments: Equatable {
    case command(Command, values: [String: String])
    case help
    case version
    /// The help for programs: the manual and the completions are made from it.
    case dumpHelp
    /// What is wrong, in words.
    case wrong(String)

    /// Reads the arguments that follow the program's name.
    init(_ arguments: [String]) {
        let rest = arguments.dropFirst()
        switch arguments.first {
        case nil: self = .wrong("a command is missing")
        case "help"?, "--help"?, "-h"?: self = .help
        case "--version"?, "-V"?: self = .version
        case "--dump-help"?: self = .dumpHelp
        case let word?:
            guard let command = Command(rawValue: word) else {
                self = .wrong("\(word): no such command")
                return
            }
            self = CommandLineArguments.read(command, rest)
        }
    }

    /// Values by the names of their options; an operand goes for `config`, a flag has an empty one.
    private static func read(_ command: Command, _ arguments: ArraySlice<String>) -> CommandLineArguments {
        var values: [String: String] = [:]
        var rest = arguments
        while let argument = rest.popFirst() {
            if argument == "--help" || argument == "-h" { return .help }
            guard argument.hasPrefix("-"), argument != "-" else {
                guard let operand = command.operand else { return .wrong("\(command): \(argument): no such argument") }
                guard values["config"] == nil else { return .wrong("\(command): one \(operand) at most") }
                guard !argument.isEmpty else { return .wrong("\(command): a \(operand) must follow") }
                values["config"] = argument
                continue
            }
            let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = String(parts[0])
            guard
                let option = command.options.first(where: {
                    $0.typed == name || $0.letter.map { "-\($0)" } == argument
                }), option.value != nil || parts.count == 1
            else { return .wrong("\(command): \(argument): no such option") }
            var value = ""
            if let wanted = option.value {
                value = (option.typed == name && parts.count == 2 ? String(parts[1]) : rest.popFirst()) ?? ""
                guard !value.isEmpty else { return .wrong("\(name): a \(wanted) must follow") }
            }
            guard values.updateValue(value, forKey: option.name) == nil else {
                return .wrong("\(command): \(option.typed): once only")
            }
        }
        return .command(command, values: values)
    }
}

/// The commands of mpushd. Read by hand: swift-argument-parser would cost a daemon of this size 4 MiB of memory and as much
/// of disk.
enum Command: String, CaseIterable {
    case `init`
    case run
    case check
    case doctor

    static let defaultConfiguration = "/etc/mpushd/mpushd.toml"

    var help: String {
        switch self {
        case .`init`:
            "Ask for the server, the user and the key, look at the server, and write a first configuration."
        case .run: "Run until SIGTERM or SIGINT. mpushctl(1) inspects and controls it."
        case .check: "Read the configuration and everything it names, and report all errors."
        case .doctor: "Test the connection to the server step by step, and report what fails. See mpushctl(1)."
        }
    }

    /// What the one word without hyphens is called that it takes; nil where it takes none.
    var operand: String? {
        switch self {
        case .check, .doctor: "file"
        case .`init`, .run: nil
        }
    }

    var options: [CommandOption] {
        switch self {
        case .`init`: Command.initOptions
        case .run:
            [
                Command.configuration,
                CommandOption(
                    name: "print", help: "Write each message received as one line of JSON to standard output."),
            ]
        case .check:
            [
                Command.configuration,
                CommandOption(name: "json", help: "Print JSON, for programs: errors and warnings."),
                CommandOption(
                    name: "show",
                    help: "Print every value in force, and where it comes from: a file and its line, or the default."),
            ]
        case .doctor:
            [
                Command.configuration,
                CommandOption(
                    name: "identity", value: "name",
                    help: "Only this identity; required for --bind if there are several."),
                CommandOption(name: "endpoint", value: "host:port", help: "Test this server instead of the first one."),
                CommandOption(
                    name: "bind",
                    help: "Bind the user too. This takes the user from whoever has it, a running daemon too."),
                CommandOption(name: "json", help: "Print JSON, for programs."),
                CommandOption(
                    name: "status", value: "file",
                    help: "The status of a running daemon (GET /v1/status), to report what it says."),
            ]
        }
    }

    private static let initOptions = [
        CommandOption(
            name: "config", letter: "c", value: "file",
            help: "The configuration to write; \(defaultConfiguration) by default. What it replaces is kept beside it."),
        CommandOption(name: "endpoint", value: "host:port", help: "Where the server listens."),
        CommandOption(name: "user", value: "name", help: "The user to bind."),
        CommandOption(
            name: "public-key-file", value: "file",
            help: "The server's RSA public key, in PEM or base64 (or the base64 itself)."),
        CommandOption(
            name: "credential-file", value: "file", help: "The credential for the server's validator, if it has one."),
        CommandOption(
            name: "ca-file", value: "file",
            help: "The authorities to trust, in PEM; without it, the system's."),
        CommandOption(
            name: "pin", value: "pin",
            help: "sha256/...: the key that the server has to have, with a certificate of any authority."),
        CommandOption(name: "without-tls", help: "The server has no TLS: at your own risk."),
        CommandOption(
            name: "yes", help: "Ask nothing: what is not given has its default, or is an error."),
    ]

    private static let configuration = CommandOption(
        name: "config", letter: "c", value: "file",
        help: "The configuration; \(defaultConfiguration) by default.")
}

/// An option of a command, as it is read, shown and written into the manual.
struct CommandOption: Equatable {
    /// Without the hyphens: `config`.
    let name: String
    /// The one letter that may stand for it: `c`.
    var letter: Character?
    /// What its value is called: `file`. nil where it has none.
    var value: String?
    let help: String

    /// As it is typed: `--config`.
    var typed: String { "--" + name }

    /// As the help shows it: `--config FILE, -c FILE`.
    var shown: String {
        let value = value.map { " " + $0.uppercased() } ?? ""
        return typed + value + (letter.map { ", -\($0)\(value)" } ?? "")
    }
}
