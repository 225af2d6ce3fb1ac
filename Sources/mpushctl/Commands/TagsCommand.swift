import ArgumentParser
import MPushControl

/// `mpushctl tags`
struct TagsCommand: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "tags", abstract: "Give the bound user other tags.")

    @OptionGroup var common: CommonOptions

    @Option(help: ArgumentHelp("On whose connection; needed where there are several.", valueName: "name"))
    var identity: String?

    @Flag(help: "No tags at all.")
    var none = false

    @Argument(help: "The tags.")
    var tags: [String] = []

    func validate() throws {
        if none == !tags.isEmpty { throw ValidationError("Give tags, or --none.") }
    }

    func run(_ client: ControlClient, _ terminal: Terminal) throws(ControlFailure) {
        let request = TagsRequest(identity: try client.identity(identity), tags: tags)
        try terminal.say(client.send("PUT", "/v1/tags", request, as: BindAnswer.self), json: common.json)
    }
}
