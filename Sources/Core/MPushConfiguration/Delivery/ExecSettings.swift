import MPushModel
package import MPushRouting

/// A program as a route's target: no shell, the content on standard input.
package struct ExecSettings: Equatable, Sendable {
    /// An absolute path.
    package let program: String
    package let arguments: [ArgumentTemplate]
    /// The whole process group is killed after it.
    package let timeLimit: Duration
    /// The working directory; nil for `/`.
    package let directory: String?

    package init(
        program: String, arguments: [ArgumentTemplate], timeLimit: Duration = .seconds(30), directory: String? = nil
    ) {
        self.program = program
        self.arguments = arguments
        self.timeLimit = timeLimit
        self.directory = directory
    }
}

extension ExecSettings {
    private static let shells: Set<String> = ["sh", "bash", "dash", "ash", "zsh", "ksh", "mksh"]

    /// The first argument, counted from 0, that the program cannot take for an option, whatever it is: one behind `--`, or
    /// behind the script of a shell.
    package var firstOperand: Int {
        let name = String(program.split(separator: "/").last ?? "")
        if ExecSettings.shells.contains(name), arguments.count > 2, arguments[0].source == "-c",
            !arguments[1].source.hasPrefix("-")
        {
            return 2
        }
        return arguments.firstIndex { $0.source == "--" }.map { $0 + 1 } ?? arguments.count
    }

    /// Nil where there is none, and where it is wrong, which is reported.
    init?(reading table: TableReader) {
        let command = table.optional("exec", takesEffect: .atOnce, .command)
        let directory = table.optional("directory", takesEffect: .atOnce, .directory(example: "/var/lib/push"))
        let timeLimit = table.timeLimit(default: .seconds(30))
        guard let command else { return nil }
        self.init(
            program: command.program, arguments: command.arguments, timeLimit: timeLimit, directory: directory)
    }
}

/// A program and its arguments, as `exec` has them.
struct ProgramCommand: Hashable {
    let program: String
    let arguments: [ArgumentTemplate]

    /// Programs that read a script from the argument after `-c` or `-e`.
    private static let interpreters: Set<String> = [
        "sh", "bash", "dash", "ash", "zsh", "ksh", "mksh", "fish", "csh", "tcsh", "busybox", "python", "perl", "ruby",
        "node", "nodejs", "lua", "php",
    ]

    /// What only a shell would understand.
    private static let shellWords: Set<String> = ["|", "||", "&", "&&", ";", ">", ">>", "<", "2>&1", "2>", "&>"]

    /// The argument, counted from 0, that is a script with a placeholder in it: whoever pushes could write the script.
    var scriptWithPlaceholder: Int? {
        guard isInterpreter else { return nil }
        return arguments.indices.dropFirst().first { index in
            let option = arguments[index - 1].source
            let isScript =
                option.hasPrefix("-") && !option.hasPrefix("--") && (option.last == "c" || option.last == "e")
            return isScript && arguments[index].hasPlaceholders
        }
    }

    /// The argument, counted from 0, that somebody wrote for a shell.
    var shellWord: Int? {
        arguments.firstIndex { ProgramCommand.shellWords.contains($0.source) }
    }

    private var isInterpreter: Bool {
        let name = program.split(separator: "/").last ?? ""
        // python3.11 is a python.
        return ProgramCommand.interpreters.contains(String(name.prefix { $0.isLetter }))
    }
}

extension ValueFormat<ProgramCommand> {
    private static let mostArguments = 256
    private static let longestTemplate = 4096

    /// A program and its arguments.
    static var command: ValueFormat {
        command(example: "[\"/usr/bin/logger\", \"-t\", \"push\", \"{content}\"]")
    }

    /// The same, with another example.
    static func command(example: String) -> ValueFormat {
        ValueFormat(noun: "an array", example: example) { node, site in
            guard case .array(let nodes) = node.value else {
                reportNoList(node, site, example: example)
                return nil
            }
            guard let first = nodes.first else {
                site.report("is empty. Write the program and its arguments: \(example).")
                return nil
            }
            guard nodes.count <= mostArguments else {
                site.report("has \(nodes.count) elements. It may have \(mostArguments).")
                return nil
            }
            let program = program(example: "/usr/bin/logger").read(first, site.element(0, first))
            let arguments = nodes.enumerated().dropFirst().compactMap { index, node in
                argument.read(node, site.element(index, node))
            }
            guard let program, arguments.count == nodes.count - 1 else { return nil }
            let command = ProgramCommand(program: program, arguments: arguments)
            return isSafe(command, nodes, site) ? command : nil
        }
    }

    /// Somebody wrote a command line.
    private static func reportNoList(_ node: TOMLNode, _ site: ReadingSite, example: String) {
        guard case .string(let text) = node.value else {
            return site.reportType(of: node, wanted: "an array", example: example)
        }
        let words = text.split(separator: " ")
        let isPlain = words.count <= 8 && !words.isEmpty && !text.contains { "\"'\\|&;<>$`*?".contains($0) }
        let meant = isPlain ? "[\(words.map { String($0).quoted }.joined(separator: ", "))]" : example
        site.report(
            "\(node.shown) is a string, not an array. No shell splits it: write the program and each argument as an element, "
                + "\(meant).")
    }

    private static func program(example: String) -> ValueFormat<String> {
        .spelled("a string", example: "\"\(example)\"") { text, site throws(Misspelling) in
            if text.isUnprintable || text.utf8.count > 4095 { throw Misspelling("is not the path of a program") }
            guard text.hasPrefix("/") else {
                throw Misspelling("is not an absolute path, and $PATH is not searched. Write \(example), say")
            }
            switch site.context.environment.inspect(text) {
            case .directory: throw Misspelling("is a directory, not a program")
            case .special: throw Misspelling("is not a regular file")
            case .missing where text.contains(" "):
                throw Misspelling(
                    "does not exist. No shell splits it: write the program and each argument as an element")
            case .missing:
                site.warn(
                    "\(text.shown(atMost: String.longestNamed)): no such file. Messages cannot be delivered until there is one."
                )
            case .readable(let mode, _) where mode & 0o111 == 0:
                site.warn(
                    "\(text.shown(atMost: String.longestNamed)) is not executable: messages cannot be delivered. Run chmod +x."
                )
            case .readable, .notReadable: break
            }
            return text
        }
    }

    private static var argument: ValueFormat<ArgumentTemplate> {
        .spelled("a string", example: "\"{content}\"") { text, _ throws(Misspelling) in
            guard text.utf8.count <= longestTemplate else {
                throw Misspelling("has \(text.utf8.count) bytes. It may have \(longestTemplate)")
            }
            if text.utf8.contains(0) { throw Misspelling("contains a NUL, at which the argument would end") }
            do throws(TemplateError) {
                return try ArgumentTemplate(text)
            } catch {
                throw Misspelling(reason(for: error))
            }
        }
    }

    private static func reason(for error: TemplateError) -> String {
        guard case .unknownPlaceholder(let name, _) = error, !name.isEmpty, name.utf8.count <= 32 else {
            return "\(error)".shown(atMost: .max)
        }
        let distances = TemplateError.placeholders.map { ($0, EditDistance.between("{\(name.lowercased())}", $0)) }
        guard let nearest = distances.filter({ $0.1 <= 2 }).min(by: { $0.1 < $1.1 }) else {
            return "\(error)".shown(atMost: .max)
        }
        return "has no such placeholder as {\(name.shown(atMost: .max))}. Write \(nearest.0)"
    }

    /// Reports what a message could do to a shell, and warns of what no shell will read.
    private static func isSafe(_ command: ProgramCommand, _ nodes: [TOMLNode], _ site: ReadingSite) -> Bool {
        if let index = command.scriptWithPlaceholder {
            site.element(index + 1, nodes[index + 1]).report(
                "anyone who can push could run any command: the script contains pushed text. Leave the placeholder out "
                    + "and read standard input, or the environment: \"$MPUSH_ID\".")
            return false
        }
        if let index = command.shellWord {
            site.element(index + 1, nodes[index + 1]).warn(
                "\(nodes[index + 1].shown) is passed to the program as it is: no shell interprets it. "
                    + "Write [\"/bin/sh\", \"-c\", \"…\"] to run a shell.")
        }
        return true
    }
}
