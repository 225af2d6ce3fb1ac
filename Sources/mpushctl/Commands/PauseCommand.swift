import ArgumentParser

/// `mpushctl pause`
struct PauseCommand: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "pause", abstract: "Close the connections and make no others.")

    @OptionGroup var common: CommonOptions

    @Option(help: ArgumentHelp("Only this identity; all where not given.", valueName: "name"))
    var identity: String?

    func run(_ client: ControlClient, _ terminal: Terminal) throws(ControlFailure) {
        try terminal.say(client.steer("pause", identity), json: common.json)
    }
}
