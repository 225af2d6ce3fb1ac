import ArgumentParser

/// `mpushctl doctor`: walked by mpushd, which has all that the walk needs in it.
struct DoctorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Walk the way to the server step by step, and say what is wrong.",
        discussion: """
            Works without the daemon. While it is online, its user is not bound a second time, because the server would \
            take the user from it.
            """)

    @OptionGroup var common: CommonOptions

    @Option(help: ArgumentHelp("The configuration, in place of the service's.", valueName: "file"))
    var config: String?

    @Option(help: ArgumentHelp("As whom; needed where there are several.", valueName: "name"))
    var identity: String?

    @Option(help: ArgumentHelp("Another server than the first.", valueName: "host:port"))
    var endpoint: String?

    @Flag(help: "Bind even while the daemon is online.")
    var bind = false

    func run() throws {
        var arguments = ["doctor", "--config=\(config ?? common.configurationPath)"]
        if let identity { arguments.append("--identity=\(identity)") }
        if let endpoint { arguments.append("--endpoint=\(endpoint)") }
        if bind { arguments.append("--bind") }
        if common.json { arguments.append("--json") }
        let terminal = Terminal()
        do throws(ControlFailure) {
            // What it says while it runs; where it does not, the walk goes the whole way.
            let client = ControlClient(path: common.socketPath, patience: .seconds(5))
            if !bind, let status = try? client.exchange("GET", "/v1/status", [], nil) {
                arguments.append("--status=\(try Sibling.file(with: status))")
            }
            try Sibling.become("mpushd", arguments)
        } catch {
            terminal.complain(error.sentence)
            throw ExitCode(error.status)
        }
    }
}
