import ArgumentParser
import Glibc
import MPushControl
import MPushJSON
import MPushModel
import MPushPlatform

/// `mpushctl status`
struct StatusCommand: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "The connections, the inbox and the routes on one screen.")

    @OptionGroup var common: CommonOptions

    @Option(help: ArgumentHelp("Only this identity.", valueName: "name"))
    var identity: String?

    @Flag(help: "Only identities that are not online.")
    var offline = false

    @Flag(help: "A screen that stays, refreshed every second, until Ctrl-C.")
    var watch = false

    func run(_ client: ControlClient, _ terminal: Terminal) throws(ControlFailure) {
        guard watch else { return try show(client, terminal) }
        if terminal.isTerminal, !common.json { return try watch(client, terminal) }
        while true {
            try show(client, terminal)
            poll(nil, 0, 1000)
        }
    }

    private func show(_ client: ControlClient, _ terminal: Terminal) throws(ControlFailure) {
        let status = try ask(client)
        if common.json { return try terminal.say(status.json.text) }
        // What is wrong must not scroll away; a program gets all.
        try terminal.say(
            screen(status, terminal, common.isWide ? nil : terminal.height.map { max(20, $0 - 8) }).lines.joined(
                separator: "\n"))
    }

    /// Overwrites the last picture in one write, line by line: nothing flickers. A daemon that restarts is waited for.
    private func watch(_ client: ControlClient, _ terminal: Terminal) throws(ControlFailure) {
        try AlternateScreen.enter(terminal)
        defer { AlternateScreen.leave() }
        while true {
            let height = terminal.height ?? 24
            var lines: [String]
            do throws(ControlFailure) {
                lines = screen(try ask(client), terminal, max(1, height - 6)).lines
            } catch  where error.isForTheServiceManager {
                lines = ["mpushd does not answer; waiting for it"]
            } catch {
                throw error
            }
            let clock = MachineClock().wall.localClockText.prefix(8)
            let picture = ([Style(isColoured: terminal.isColoured).faint("\(clock)   Ctrl-C ends this")] + lines)
                .prefix(max(1, height - 1)).map { $0 + "\u{1b}[K\r\n" }.joined()
            try terminal.write(Array("\u{1b}[H\(picture)\u{1b}[J".utf8))
            poll(nil, 0, 1000)
        }
    }

    private func ask(_ client: ControlClient) throws(ControlFailure) -> DaemonStatus {
        var status = try client.get(ControlAPI.status, NoQuery())
        if let identity {
            let names = status.identities.map(\.name)
            status.identities.removeAll { $0.name != identity }
            guard !status.identities.isEmpty else { throw .problem(Problem(noIdentity: identity, among: names)) }
        }
        if offline, common.json { status.identities.removeAll { $0.state.isBound } }
        return status
    }

    private func screen(_ status: DaemonStatus, _ terminal: Terminal, _ most: Int?) -> StatusScreen {
        var screen = StatusScreen(
            status: status, now: MachineClock().wall, width: common.width(on: terminal),
            style: Style(isColoured: terminal.isColoured))
        (screen.isOfflineOnly, screen.mostIdentities) = (offline, most)
        screen.isWide = common.isWide
        return screen
    }
}

/// `mpushctl metrics`
struct MetricsCommand: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "metrics", abstract: "The metrics, as Prometheus reads them.")

    @OptionGroup var common: CommonOptions

    func run(_ client: ControlClient, _ terminal: Terminal) throws(ControlFailure) {
        let bytes = try client.content(of: ControlAPI.metrics, NoQuery())
        if common.json {
            return try terminal.say(JSONValue.object(["metrics": .string(String(decoding: bytes, as: UTF8.self))]).text)
        }
        guard terminal.isTerminal else { return try terminal.write(bytes) }
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") {
            try terminal.say(String(line).shown(atMost: 8192))
        }
    }
}
