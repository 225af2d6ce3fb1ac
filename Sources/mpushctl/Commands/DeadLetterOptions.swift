import ArgumentParser
import MPushControl

/// Which dead letters something is done to.
struct DeadLetterOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The route that gave them up.", valueName: "name"))
    var route: String

    @Flag(help: "All of this route.")
    var all = false

    @Argument(help: "Positions.")
    var positions: [Int64] = []

    func validate() throws {
        if all == !positions.isEmpty { throw ValidationError("Give positions, or --all.") }
    }

    /// As the daemon is asked.
    var request: DeadLetterSelection { DeadLetterSelection(route: route, positions: all ? nil : positions) }
}
