import ArgumentParser
import MPushControl
import MPushJSON
import MPushModel
import MPushPlatform

/// `mpushctl pause`
struct PauseCommand: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "pause", abstract: "Close the connections and stay disconnected.")

    @OptionGroup var common: CommonOptions

    @Option(help: ArgumentHelp("Only this identity; default: all.", valueName: "name"))
    var identity: String?

    func run(_ client: ControlClient, _ terminal: Terminal) throws(ControlFailure) {
        try terminal.say(client.steer(ControlAPI.pause, identity), json: common.json)
    }
}

/// `mpushctl resume`
struct ResumeCommand: ControlCommand {
    static let configuration = CommandConfiguration(commandName: "resume", abstract: "Connect again after a pause.")

    @OptionGroup var common: CommonOptions

    @Option(help: ArgumentHelp("Only this identity; default: all.", valueName: "name"))
    var identity: String?

    func run(_ client: ControlClient, _ terminal: Terminal) throws(ControlFailure) {
        try terminal.say(client.steer(ControlAPI.resume, identity), json: common.json)
    }
}

/// `mpushctl reconnect`
struct ReconnectCommand: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "reconnect", abstract: "Connect now; replace a connection that is open.")

    @OptionGroup var common: CommonOptions

    @Option(help: ArgumentHelp("Only this identity; default: all.", valueName: "name"))
    var identity: String?

    func run(_ client: ControlClient, _ terminal: Terminal) throws(ControlFailure) {
        try terminal.say(client.steer(ControlAPI.reconnect, identity), json: common.json)
    }
}

extension ControlClient {
    /// Does `order` to one identity, or to all.
    func steer(
        _ order: ChangeEndpoint<SteeringRequest, SteeringAnswer>, _ identity: String?
    ) throws(ControlFailure) -> SteeringAnswer {
        var request = SteeringRequest()
        request.identity = identity
        return try send(order, request)
    }
}

extension Terminal {
    /// Says where the identities are after it.
    func say(_ answer: SteeringAnswer, json: Bool) throws(ControlFailure) {
        if json { return try say(answer.json.text) }
        for identity in answer.identities {
            try say("\(identity.identity.shown(atMost: 64)): \(identity.state.rawValue)")
        }
    }
}
