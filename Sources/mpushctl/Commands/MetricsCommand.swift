import ArgumentParser
import MPushJSON
import MPushSystemd

/// `mpushctl metrics`
struct MetricsCommand: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "metrics", abstract: "The metrics, as Prometheus reads them.")

    @OptionGroup var common: CommonOptions

    func run(_ client: ControlClient, _ terminal: Terminal) throws(ControlFailure) {
        let bytes = try client.exchange("GET", "/metrics", [], nil)
        if common.json {
            return try terminal.say(JSONValue.object(["metrics": .string(String(decoding: bytes, as: UTF8.self))]).text)
        }
        guard terminal.isTerminal else { return try terminal.write(bytes) }
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
            try terminal.say(String(line).shown(atMost: 8192))
        }
    }
}
