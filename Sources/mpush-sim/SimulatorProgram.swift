import ArgumentParser
import Glibc
import MPushModel

/// The command line. Without the name of a subcommand it serves.
struct SimulatorProgram: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mpush-sim", abstract: "A simulated MPush server, for trying and testing mpushd.",
        version: "mpush-sim \(ProgramVersion.current)",
        subcommands: [ServeCommand.self, TryCommand.self, DemoCommand.self], defaultSubcommand: ServeCommand.self)

    /// What is wrong with the first of `words`, which is to be a command or an option; nil where nothing is. ArgumentParser
    /// would take it for an operand of the default command.
    static func complaint(about words: [String]) -> String? {
        let names = configuration.subcommands.compactMap { $0.configuration.commandName }
        guard let word = words.first, !word.hasPrefix("-"), word != "help", !names.contains(word) else { return nil }
        return "There is no command \(word.shown(atMost: 64).quoted). There are: \(names.joined(separator: ", "))."
    }
}

/// Why the program cannot go on, and its exit status (sysexits.h).
struct ProgramFailure: Error, CustomStringConvertible {
    let status: Int32
    let description: String

    static func noInput(_ path: String, _ number: Int32) -> ProgramFailure {
        ProgramFailure(status: EX_NOINPUT, description: "\(path): \(text(number))")
    }

    static func cannotWrite(_ path: String, _ number: Int32) -> ProgramFailure {
        ProgramFailure(status: EX_CANTCREAT, description: "\(path): \(text(number))")
    }

    static func badData(_ message: String) -> ProgramFailure {
        ProgramFailure(status: EX_DATAERR, description: message)
    }

    static func unavailable(_ message: String) -> ProgramFailure {
        ProgramFailure(status: EX_UNAVAILABLE, description: message)
    }

    static func software(_ message: String) -> ProgramFailure {
        ProgramFailure(status: EX_SOFTWARE, description: message)
    }

    static func noResources(_ what: String, _ number: Int32) -> ProgramFailure {
        ProgramFailure(status: EX_OSERR, description: "\(what): \(text(number))")
    }

    private static func text(_ number: Int32) -> String { String(cString: strerror(number)) }
}
