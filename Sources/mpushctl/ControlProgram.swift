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
            ResumeCommand.self, ReconnectCommand.self, ReloadCommand.self, EventsCommand.self, DeadLettersCommand.self,
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
        let terminal = Terminal()
        do throws(ControlFailure) {
            try run(ControlClient(path: common.socketPath), terminal)
        } catch {
            if !error.sentence.isEmpty { terminal.complain(error.sentence) }
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

    @Flag(help: "Print JSON, for programs.")
    var json = false

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
