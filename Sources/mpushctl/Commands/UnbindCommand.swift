import ArgumentParser
import MPushControl

/// `mpushctl unbind`
struct UnbindCommand: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "unbind", abstract: "Bind no user any more; the connection stays.")

    @OptionGroup var common: CommonOptions

    @Option(help: ArgumentHelp("On whose connection; needed where there are several.", valueName: "name"))
    var identity: String?

    func run(_ client: ControlClient, _ terminal: Terminal) throws(ControlFailure) {
        let request = UnbindRequest(identity: try client.identity(identity))
        try terminal.say(client.send("POST", "/v1/unbind", request, as: BindAnswer.self), json: common.json)
    }
}
