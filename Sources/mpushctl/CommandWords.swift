import ArgumentParser
import MPushModel

/// The words of a command line, before they are parsed: what holds for every command may stand before its name as well, and
/// a name that was mistyped is answered with the one that was meant.
struct CommandWords {
    /// `CommonOptions`, and whether a value follows.
    private static let common = ["--socket": true, "--instance": true, "--json": false, "--output": true, "-o": true]

    /// The words, with the common options behind the command's name.
    let arranged: [String]
    /// What is wrong with the name, and what to write; nil where nothing is.
    let complaint: String?

    init(_ words: [String], of program: any ParsableCommand.Type) {
        var rest = words[...]
        var (names, options): ([String], [String]) = ([], [])
        var command = program
        while true {
            let count = CommandWords.leadingOptions(rest)
            options += rest.prefix(count)
            rest = rest.dropFirst(count)
            let subcommands = command.configuration.subcommands
            guard let word = rest.first, !subcommands.isEmpty, !word.hasPrefix("-"), word != "help" else { break }
            guard let next = subcommands.first(where: { $0.name == word }) else {
                arranged = words
                complaint = CommandWords.complaint(
                    about: word, among: subcommands.map { $0.name }, in: command, of: program)
                return
            }
            command = next
            names.append(word)
            rest = rest.dropFirst()
        }
        complaint = nil
        arranged = names.isEmpty ? words : names + options + rest
    }

    private static func leadingOptions(_ words: ArraySlice<String>) -> Int {
        let words = Array(words)
        var count = 0
        while count < words.count {
            let parts = words[count].split(separator: "=", maxSplits: 1)
            guard let name = parts.first.map(String.init), let hasValue = common[name] else { break }
            count += hasValue && parts.count == 1 ? 2 : 1
        }
        return min(count, words.count)
    }

    private static func complaint(
        about word: String, among names: [String], in command: any ParsableCommand.Type,
        of program: any ParsableCommand.Type
    ) -> String {
        let isTop = ObjectIdentifier(command) == ObjectIdentifier(program)
        let name = (isTop ? "" : command.name + " ") + word.shown(atMost: 64)
        let near = names.map { (name: $0, distance: distance(word, $0)) }.min { $0.distance < $1.distance }
        let meant = near.flatMap { $0.distance <= max(1, $0.name.count / 3) ? $0.name : nil }
        let advice = meant.map { "Did you mean \"\($0)\"?" } ?? "There are: \(names.joined(separator: ", "))."
        return "There is no command \(name.quoted). \(advice)"
    }

    /// How many letters have to be added, left out, replaced, or swapped with their neighbour to make one of the other
    /// (optimal string alignment). Long words are not compared.
    static func distance(_ one: String, _ other: String) -> Int {
        let (one, other) = (Array(one.prefix(65)), Array(other.prefix(65)))
        guard one.count <= 64, other.count <= 64 else { return .max }
        var before: [Int] = []
        var last = Array(0...other.count)
        for row in one.indices {
            var next = [row + 1]
            for column in other.indices {
                let isEqual = one[row] == other[column]
                var best = min(last[column] + (isEqual ? 0 : 1), last[column + 1] + 1, next[column] + 1)
                if row > 0, column > 0, one[row] == other[column - 1], one[row - 1] == other[column] {
                    best = min(best, before[column - 1] + 1)
                }
                next.append(best)
            }
            (before, last) = (last, next)
        }
        return last[other.count]
    }
}

extension ParsableCommand {
    fileprivate static var name: String { configuration.commandName ?? "" }
}
