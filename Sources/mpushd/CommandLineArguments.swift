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
                guard let operand = command.operand else { return .wrong("\(command): \(argument): no such option") }
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
