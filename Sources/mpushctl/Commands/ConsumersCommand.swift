import ArgumentParser
import MPushControl
import MPushJSON
import MPushModel
import MPushPlatform

/// `mpushctl consumers`
struct ConsumersCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "consumers", abstract: "The named followers: list, remove.",
        subcommands: [List.self, Remove.self], defaultSubcommand: List.self)

    struct List: ControlCommand {
        static let configuration = CommandConfiguration(commandName: "list", abstract: "List them (the default).")

        @OptionGroup var common: CommonOptions

        func run(_ client: ControlClient, _ terminal: Terminal) throws(ControlFailure) {
            let list = try client.get(ControlAPI.listConsumers, NoQuery(), within: ControlClient.reading)
            if common.json { return try terminal.say(list.json.text) }
            if list.consumers.isEmpty { return try terminal.say("no consumers") }
            let rows = list.consumers.map { consumer in
                [
                    consumer.name.shown(atMost: 64), consumer.isConnected ? "connected" : "away", "#\(consumer.cursor)",
                    consumer.acknowledgedAhead == 0 ? "-" : consumer.acknowledgedAhead.grouped,
                ]
            }
            let table = ColumnTable(
                head: ["CONSUMER", "STATE", "ACKNOWLEDGED UP TO", "BEYOND IT"], width: common.width(on: terminal),
                style: Style(isColoured: terminal.isColoured))
            try terminal.say(table.lines(rows).joined(separator: "\n"))
        }
    }

    struct Remove: ControlCommand {
        static let configuration = CommandConfiguration(
            commandName: "remove", abstract: "Remove a consumer and its position.")

        @OptionGroup var common: CommonOptions

        @Argument(help: "Its name.")
        var name: String

        func run(_ client: ControlClient, _ terminal: Terminal) throws(ControlFailure) {
            try client.send(ControlAPI.removeConsumer, RemoveConsumerRequest(consumer: name))
            try terminal.say(common.json ? "{}" : "\(name.shown(atMost: 64)) is forgotten")
        }
    }
}

/// `mpushctl ack`
struct AckCommand: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "ack", abstract: "Acknowledge messages for a consumer.")

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
            ControlAPI.acknowledge, ConsumerRequest(consumer: consumer, request))
        try terminal.say(common.json ? answer.json.text : "\(answer.acknowledged) acknowledged")
    }
}
