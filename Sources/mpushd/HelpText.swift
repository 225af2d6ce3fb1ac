import MPushJSON

/// What `mpushd --help` says.
enum HelpText {
    private static let abstract =
        "mpushd keeps a TLS connection to an MPush server and hands the messages that it pushes to programs."

    /// What each signal does, and what the exit status says.
    private static let discussion = """
        Signals
          SIGHUP         Read the configuration again; connections stay where it allows them.
          SIGUSR1        Connect now: skip one wait, or make a new connection.
          SIGTERM        Close the connections and end.

        Exit status
          0 ended as requested   64 wrong arguments   71 a system call failed   73 configuration or state cannot be written
          74 standard output failed   75 another mpushd uses the state directory   78 wrong configuration
          (of doctor and init also: 69 no server   70 fault in mpushd   76 not understood   77 refused or not trusted)

        """

    static let usage = "usage: mpushd init|run|check|doctor [OPTION...] | mpushd --help | mpushd --version"

    static var help: String {
        let commands = Command.allCases.map { command in
            let operand = command.operand.map { " [\($0.uppercased())]" } ?? ""
            let head = "  " + padded("\(command.rawValue)\(operand)", to: 15) + command.help
            return ([head] + command.options.map { "    " + padded($0.shown, to: 27) + $0.help })
                .joined(separator: "\n")
        }
        return ([abstract, usage, "Commands\n" + commands.joined(separator: "\n"), discussion])
            .joined(separator: "\n\n")
    }

    private static func padded(_ text: String, to width: Int) -> String {
        text + String(repeating: " ", count: max(1, width - text.count))
    }

    /// The same for programs, as swift-argument-parser's `--experimental-dump-help` writes it.
    static var dump: JSONValue {
        .object([
            "serializationVersion": .integer(0),
            "command": .object([
                "commandName": .string("mpushd"), "abstract": .string(abstract), "discussion": .string(discussion),
                "subcommands": .array(Command.allCases.map(dump)),
            ]),
        ])
    }

    private static func dump(_ command: Command) -> JSONValue {
        var arguments = command.options.map(dump)
        if let operand = command.operand {
            arguments.append(
                .object([
                    "kind": .string("positional"), "valueName": .string(operand), "isOptional": .bool(true),
                    "abstract": .string("The same as --config \(operand)."),
                ]))
        }
        return .object([
            "commandName": .string(command.rawValue), "abstract": .string(command.help),
            "arguments": .array(arguments),
        ])
    }

    private static func dump(_ option: CommandOption) -> JSONValue {
        var names = [JSONValue.object(["kind": .string("long"), "name": .string(option.name)])]
        if let letter = option.letter {
            names.append(.object(["kind": .string("short"), "name": .string(String(letter))]))
        }
        return .object([
            "kind": .string(option.value == nil ? "flag" : "option"), "names": .array(names),
            "valueName": option.value.map(JSONValue.string), "isOptional": .bool(true),
            "abstract": .string(option.help),
        ])
    }
}
