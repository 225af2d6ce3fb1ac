import ArgumentParser
import MPushControl
import MPushJSON
import MPushTime

/// `mpushctl push`
struct PushCommand: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "push", abstract: "Send a message to the server.")

    @OptionGroup var common: CommonOptions

    @Option(help: ArgumentHelp("Over whose connection; needed where there are several.", valueName: "name"))
    var identity: String?

    @Flag(help: "Wait until the server has acknowledged it.")
    var ack = false

    @Argument(help: "What to send; - reads standard input.")
    var content: String

    func run(_ client: ControlClient, _ terminal: Terminal) throws(ControlFailure) {
        let bytes = content == "-" ? try StandardInput.all() : Array(content.utf8)
        var request = PushRequest(content: MessageContent(bytes))
        request.identity = identity
        request.awaitsAck = ack
        let answer = try client.send("POST", "/v1/push", request, as: PushAnswer.self)
        if common.json { return try terminal.say(answer.json.text) }
        try terminal.say(
            answer.isAcknowledged
                ? "acknowledged by the server of \(answer.identity) in \(answer.took.spoken)"
                : "sent as \(answer.identity)")
    }
}
