import ArgumentParser
import MPushControl
import MPushJSON

/// `mpushctl ack`
struct AckCommand: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "ack", abstract: "Say what a consumer has had.")

    @OptionGroup var common: CommonOptions

    @Option(help: ArgumentHelp("The consumer's name.", valueName: "name"))
    var consumer: String

    @Option(help: ArgumentHelp("This position and all before it.", valueName: "position"))
    var upTo: Int64?

    @Argument(help: "Positions.")
    var positions: [Int64] = []

    func validate() throws {
        if (upTo == nil) == positions.isEmpty { throw ValidationError("Give positions, or --up-to.") }
        if positions.count > AckRequest.mostPositions {
            throw ValidationError("At most \(AckRequest.mostPositions) positions at a time.")
        }
    }

    func run(_ client: ControlClient, _ terminal: Terminal) throws(ControlFailure) {
        let request = upTo.map(AckRequest.upTo) ?? .positions(positions)
        let answer = try client.send(
            "POST", "/v1/consumers/\(ControlClient.escaped(consumer))/acks", request, as: AckAnswer.self)
        try terminal.say(common.json ? answer.json.text : "\(answer.acknowledged) acknowledged")
    }
}
