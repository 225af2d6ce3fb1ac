import ArgumentParser

/// The command line: one subcommand for now, which needs no name.
struct SimulatorProgram: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mpush-sim", abstract: "A simulated MPush server, for trying and testing mpushd.",
        subcommands: [ServeCommand.self], defaultSubcommand: ServeCommand.self)
}
