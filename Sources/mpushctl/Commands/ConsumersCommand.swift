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
            let list = try client.get(ControlAPI.listConsumers, NoQuery())
            if common.json { return try terminal.say(list.json.text) }
            if list.consumers.isEmpty { return try terminal.say("no consumers") }
            let names = list.consumers.map { $0.name.shown(atMost: 64) }
            let width = (names.map(\.count).max() ?? 0) + 3
            for (consumer, name) in zip(list.consumers, names) {
                let ahead =
                    consumer.acknowledgedAhead == 0 ? "" : ", and \(consumer.acknowledgedAhead.grouped) beyond it"
                try terminal.say(
                    name.padded(to: width) + (consumer.isConnected ? "connected   " : "away        ")
                        + "has acknowledged everything up to #\(consumer.cursor)\(ahead)")
            }
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
