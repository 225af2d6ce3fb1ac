import ArgumentParser

/// `mpushctl resume`
struct ResumeCommand: ControlCommand {
    static let configuration = CommandConfiguration(commandName: "resume", abstract: "Go on after a pause.")

    @OptionGroup var common: CommonOptions

    @Option(help: ArgumentHelp("Only this identity; all where not given.", valueName: "name"))
    var identity: String?

    func run(_ client: ControlClient, _ terminal: Terminal) throws(ControlFailure) {
        try terminal.say(client.steer("resume", identity), json: common.json)
    }
}
