import ArgumentParser

/// `mpushctl reconnect`
struct ReconnectCommand: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "reconnect", abstract: "Connect now; anew where there is a connection.")

    @OptionGroup var common: CommonOptions

    @Option(help: ArgumentHelp("Only this identity; all where not given.", valueName: "name"))
    var identity: String?

    func run(_ client: ControlClient, _ terminal: Terminal) throws(ControlFailure) {
        try terminal.say(client.steer("reconnect", identity), json: common.json)
    }
}
