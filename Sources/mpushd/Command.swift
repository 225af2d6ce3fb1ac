/// The commands of mpushd. Read by hand: swift-argument-parser would cost a daemon of this size 4 MiB of memory and as much
/// of disk.
enum Command: String, CaseIterable {
    case run
    case check
    case doctor

    static let defaultConfiguration = "/etc/mpushd/mpushd.toml"

    var help: String {
        switch self {
        case .run: "Run until SIGTERM or SIGINT. mpushctl(1) looks at it and steers it."
        case .check: "Read the configuration and everything it names, and say all that is wrong with it."
        case .doctor: "Walk the way to the server step by step, and say what is wrong. See mpushctl(1)."
        }
    }

    /// What the one word without hyphens is called that it takes; nil where it takes none.
    var operand: String? { self == .check ? "file" : nil }

    var options: [CommandOption] {
        switch self {
        case .run:
            [
                Command.configuration,
                CommandOption(
                    name: "print", help: "Write each message received as one line of JSON to standard output."),
            ]
        case .check: [Command.configuration]
        case .doctor:
            [
                Command.configuration,
                CommandOption(name: "identity", value: "name", help: "As whom; needed where there are several."),
                CommandOption(name: "endpoint", value: "host:port", help: "Another server than the first."),
                CommandOption(name: "bind", help: "Bind even while the daemon is online."),
                CommandOption(name: "json", help: "Print JSON, for programs."),
                CommandOption(
                    name: "status", value: "file",
                    help: "What a running daemon says of itself (GET /v1/status); its users are not bound again."),
            ]
        }
    }

    private static let configuration = CommandOption(
        name: "config", letter: "c", value: "file",
        help: "The configuration, \(defaultConfiguration) where not given.")
}
