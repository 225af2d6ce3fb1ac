/// What the arguments ask for. Read by hand: swift-argument-parser would cost a daemon of this size 4 MiB of memory and
/// as much of disk, for three commands and two options.
enum CommandLineArguments: Equatable {
    case run(configuration: String, printsMessages: Bool)
    case check(configuration: String)
    case help
    case version
    /// What is wrong, in words.
    case wrong(String)

    static let defaultConfiguration = "/etc/mpushd/mpushd.toml"

    /// Reads the arguments that follow the program's name.
    init(_ arguments: [String]) {
        let rest = Array(arguments.dropFirst())
        switch arguments.first {
        case nil: self = .wrong("a command is missing")
        case "run"?: self = CommandLineArguments.run(rest)
        case "check"?: self = CommandLineArguments.check(rest)
        case "help"?, "--help"?, "-h"?: self = .help
        case "--version"?, "-V"?: self = .version
        case let word?: self = .wrong("\(word): no such command")
        }
    }

    private static func run(_ arguments: [String]) -> CommandLineArguments {
        var configuration = defaultConfiguration
        var printsMessages = false
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            switch argument {
            case "--print": printsMessages = true
            case "--help", "-h": return .help
            case "--config", "-c":
                guard let file = rest.popFirst() else { return .wrong("\(argument): a file must follow") }
                configuration = file
            case _ where argument.hasPrefix("--config="):
                configuration = String(argument.dropFirst("--config=".count))
            default:
                return .wrong("run: \(argument): no such option")
            }
        }
        return configuration.isEmpty
            ? .wrong("--config: a file must follow")
            : .run(configuration: configuration, printsMessages: printsMessages)
    }

    /// The file may stand with `--config`, as for `run`, or alone.
    private static func check(_ arguments: [String]) -> CommandLineArguments {
        var files: [String] = []
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            switch argument {
            case "--help", "-h": return .help
            case "--config", "-c":
                guard let file = rest.popFirst() else { return .wrong("\(argument): a file must follow") }
                files.append(file)
            case _ where argument.hasPrefix("--config="): files.append(String(argument.dropFirst("--config=".count)))
            case _ where argument.hasPrefix("-"): return .wrong("check: \(argument): no such option")
            default: files.append(argument)
            }
        }
        guard files.count <= 1 else { return .wrong("check: one file at most") }
        return files.first == ""
            ? .wrong("check: a file must follow")
            : .check(
                configuration: files.first ?? defaultConfiguration)
    }
}
