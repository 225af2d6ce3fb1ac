import MPushRouting

/// A program and its arguments, as `exec` has them.
struct ProgramCommand {
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
