/// The commands of a program as sections of its manual page.
package struct CommandSections {
    private let program: CommandHelp

    package init(_ program: CommandHelp) {
        self.program = program
    }

    /// Every command with its options; those that all commands have come once, at the end.
    package var lines: [String] {
        let leaves = CommandSections.leaves(of: program, path: [])
        let common =
            leaves.count < 2
            ? []
            : leaves.first.map { first in
                first.help.arguments.filter { argument in
                    !argument.isOperand && leaves.allSatisfy { $0.help.arguments.contains(argument) }
                }
            } ?? []
        var lines: [String] = []
        for leaf in leaves {
            let own = leaf.help.arguments.filter { !common.contains($0) }
            lines.append(".SS " + CommandSections.synopsis(leaf.path, own))
            lines += Roff.paragraphs(leaf.help.abstract)
            if !leaf.help.discussion.isEmpty { lines += Roff.paragraphs(leaf.help.discussion) }
            lines += own.flatMap(CommandSections.entry)
        }
        if !common.isEmpty {
            lines.append(".SS Options of every command")
            lines += common.flatMap(CommandSections.entry)
        }
        return lines
    }

    private static func leaves(of command: CommandHelp, path: [String]) -> [(path: [String], help: CommandHelp)] {
        let path = path + [command.name]
        guard !command.commands.isEmpty else { return [(path, command)] }
        return command.commands.flatMap { leaves(of: $0, path: path) }
    }

    private static func synopsis(_ path: [String], _ arguments: [CommandHelp.Argument]) -> String {
        let operands = arguments.filter(\.isOperand).map { operand in
            let name = Roff.italic(operand.value ?? "") + (operand.isRepeating ? " ..." : "")
            return operand.isOptional ? "[\(name)]" : name
        }
        let options = arguments.allSatisfy(\.isOperand) ? [] : ["[options]"]
        return ([Roff.escaped(path.joined(separator: " "))] + options + operands).joined(separator: " ")
    }

    private static func entry(_ argument: CommandHelp.Argument) -> [String] {
        let value = argument.value.map { Roff.italic($0) }
        let head =
            argument.isOperand
            ? value ?? ""
            : argument.names.map { Roff.bold($0) }.joined(separator: ", ") + (value.map { " " + $0 } ?? "")
        let standard = argument.standard.map { " Without it: \(Roff.bold($0))." } ?? ""
        return [".TP", head, Roff.escaped(argument.text) + standard]
    }
}
