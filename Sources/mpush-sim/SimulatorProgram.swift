import ArgumentParser
import MPushVersion

/// The command line. Without the name of a subcommand it serves.
struct SimulatorProgram: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mpush-sim", abstract: "A simulated MPush server, for trying and testing mpushd.",
        version: "mpush-sim \(ProgramVersion.current)",
        subcommands: [ServeCommand.self, DemoCommand.self], defaultSubcommand: ServeCommand.self)
}
