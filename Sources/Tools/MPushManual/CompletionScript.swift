/// Completions of a program that has them not from swift-argument-parser: commands, their options, and files.
package struct CompletionScript {
    package enum Shell: String, CaseIterable, Sendable {
        case bash
        case zsh
        case fish
    }

    private let program: CommandHelp

    package init(_ program: CommandHelp) {
        self.program = program
    }

    package func text(for shell: Shell) -> String {
        switch shell {
        case .bash: bash
        case .zsh: zsh
        case .fish: fish
        }
    }

    private var names: String { (program.commands.map(\.name) + ["--help", "--version"]).joined(separator: " ") }

    private func options(of command: CommandHelp) -> [CommandHelp.Argument] {
        command.arguments.filter { !$0.isOperand }
    }

    /// Every option that takes a file, of any command.
    private var fileOptions: [String] {
        var names: [String] = []
        for option in program.commands.flatMap(options(of:)) where option.value == "file" {
            names += option.names.filter { !names.contains($0) }
        }
        return names
    }

    private var bash: String {
        let cases = program.commands.map { command in
            let words = options(of: command).flatMap(\.names).joined(separator: " ")
            return "        \(command.name)) words='\(words) --help' ;;"
        }
        return """
            # bash completion for \(program.name)
            _\(program.name)() {
                local word=${COMP_WORDS[COMP_CWORD]} words
                case ${COMP_WORDS[COMP_CWORD-1]} in
                    \(fileOptions.joined(separator: "|"))) compopt -o default; COMPREPLY=(); return ;;
                esac
                case ${COMP_CWORD}/${COMP_WORDS[1]} in
                    1/*) words='\(names)' ;;
                    */*) words= ;;
                esac
                [ "$COMP_CWORD" = 1 ] || case ${COMP_WORDS[1]} in
            \(cases.joined(separator: "\n"))
                esac
                mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
                [ ${#COMPREPLY[@]} -gt 0 ] || compopt -o default
            }
            complete -F _\(program.name) \(program.name)

            """
    }

    private var zsh: String {
        let commands = program.commands.map { "        '\($0.name):\(CompletionScript.quoted($0.abstract))'" }
        let cases = program.commands.map { command in
            let specifications = options(of: command).flatMap { option in
                option.names.map { name in
                    let text = CompletionScript.quoted(option.text)
                    let action = option.value.map {
                        $0 == "file" ? ":\($0):_files" : ":\(CompletionScript.quoted($0)):"
                    }
                    return "'\(name)[\(text)]\(action ?? "")'"
                }
            }
            let operand = command.arguments.contains(where: \.isOperand) ? " '1:file:_files'" : ""
            return "        \(command.name)) _arguments \(specifications.joined(separator: " "))\(operand) ;;"
        }
        return """
            #compdef \(program.name)
            _\(program.name)() {
                local -a commands
                commands=(
            \(commands.joined(separator: "\n"))
                )
                if (( CURRENT == 2 )); then
                    _describe command commands
                    return
                fi
                local command=$words[2]
                shift words
                (( CURRENT-- ))
                case $command in
            \(cases.joined(separator: "\n"))
                esac
            }
            _\(program.name) "$@"

            """
    }

    private var fish: String {
        let first = "complete -c \(program.name) -n __fish_use_subcommand -f"
        var lines = ["# fish completion for \(program.name)"]
        lines += program.commands.map { "\(first) -a \($0.name) -d '\(CompletionScript.quoted($0.abstract))'" }
        for command in program.commands {
            let here = "complete -c \(program.name) -n '__fish_seen_subcommand_from \(command.name)'"
            for option in options(of: command) {
                let names = option.names.map { $0.hasPrefix("--") ? "-l \($0.dropFirst(2))" : "-s \($0.dropFirst())" }
                let value = option.value.map { $0 == "file" ? " -rF" : " -x" } ?? " -f"
                let text = CompletionScript.quoted(option.text)
                lines.append("\(here) \(names.joined(separator: " "))\(value) -d '\(text)'")
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// For single quotes, and for zsh's brackets and colons.
    private static func quoted(_ text: String) -> String {
        text.filter { !"'\\[]:".contains($0) }
    }
}
