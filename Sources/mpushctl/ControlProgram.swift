import ArgumentParser
import Glibc
import MPushModel

/// The command line.
struct ControlProgram: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mpushctl", abstract: "Inspect and control mpushd.",
        discussion: """
            Exit status: 0 done, 64 wrong arguments, 65 refused because of its content, 69 no daemon or no server, \
            70 a fault of the daemon or of mpushctl, 71 a system call failed, 75 try again later, 76 an answer that is not \
            understood, 77 not permitted, 78 wrong configuration.
            """,
        version: "mpushctl \(ProgramVersion.current)",
        subcommands: [
            StatusCommand.self, HealthCommand.self, MessagesCommand.self, TraceCommand.self, RoutesCommand.self,
            FollowCommand.self,
            AckCommand.self, PushCommand.self,
            HTTPCommand.self, BindCommand.self, UnbindCommand.self, TagsCommand.self, PauseCommand.self,
            ResumeCommand.self, ReconnectCommand.self, ReloadCommand.self, EventsCommand.self, HistoryCommand.self,
            DeadLettersCommand.self,
            ConsumersCommand.self, MetricsCommand.self, DoctorCommand.self, ReportCommand.self,
        ])
}

/// A command that talks to the daemon.
protocol ControlCommand: ParsableCommand {
    var common: CommonOptions { get }

    func run(_ client: ControlClient, _ terminal: Terminal) throws(ControlFailure)
}

extension ControlCommand {
    func run() throws {
        try common.checkForm()
        let terminal = Terminal()
        do throws(ControlFailure) {
            try run(ControlClient(path: common.socketPath), terminal)
        } catch {
            if !error.sentence.isEmpty { terminal.complain(error.sentence) }
            if error.isForTheServiceManager, let unit = common.unit, let sentence = ServiceState.sentence(of: unit) {
                terminal.note(sentence)
            }
            throw ExitCode(error.status)
        }
    }
}

/// What every command takes.
struct CommonOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The daemon's socket; else $MPUSHD_SOCKET, else /run/mpushd/mpushd.sock.", valueName: "path"))
    var socket: String?

    @Option(help: ArgumentHelp("Use the service mpushd@NAME instead of mpushd.", valueName: "name"))
    var instance: String?

    @Flag(name: .customLong("json"), help: "Print JSON, for programs.")
    var isJSON = false

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "The form: json, or wide for all columns, uncut. Of report: the file to write, which only its owner can read.",
            valueName: "form"))
    var output: String?

    /// Forms of what is printed.
    private enum Form: String {
        case json
        case wide
    }

    /// Whether JSON is printed.
    var json: Bool { isJSON || output == Form.json.rawValue }

    /// Whether all columns are printed, uncut.
    var isWide: Bool { output == Form.wide.rawValue }

    /// The columns of a line.
    func width(on terminal: Terminal) -> Int { isWide ? 10_000 : terminal.width }

    /// Throws where `--output` is no form.
    func checkForm() throws {
        guard output.map({ Form(rawValue: $0) != nil }) ?? true else {
            throw ValidationError("--output must be json or wide.")
        }
    }

    /// The unit of the daemon that is meant; nil where its socket was given, and so need not be a service's.
    var unit: String? {
        if let instance { return "mpushd@\(instance).service" }
        return socket == nil && getenv("MPUSHD_SOCKET") == nil ? "mpushd.service" : nil
    }

    /// The configuration of the daemon that is meant.
    var configurationPath: String { "/etc/mpushd/" + (instance.map { $0 + "/" } ?? "") + "mpushd.toml" }

    /// The instance is a part of paths.
    func validate() throws {
        guard socket == nil || instance == nil else { throw ValidationError("Either --socket or --instance.") }
        guard instance.map({ !$0.isEmpty && !$0.contains("/") && !$0.hasPrefix(".") }) ?? true else {
            throw ValidationError("--instance is the part after the @ in mpushd@NAME.")
        }
    }

    /// The socket to go to.
    var socketPath: String {
        if let socket { return socket }
        if let instance { return "/run/mpushd-instances/\(instance)/mpushd.sock" }
        guard let path = getenv("MPUSHD_SOCKET"), path.pointee != 0 else { return "/run/mpushd/mpushd.sock" }
        return String(cString: path)
    }
}
