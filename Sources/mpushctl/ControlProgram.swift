import ArgumentParser
import MPushVersion

/// The command line.
struct ControlProgram: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mpushctl", abstract: "Look at mpushd and steer it.",
        discussion: """
            Exit status: 0 done, 64 wrong arguments, 65 refused for what was sent, 69 no daemon or no server, \
            70 a fault of the daemon or of mpushctl, 75 try again later, 76 an answer that is not understood, \
            77 not permitted, 78 wrong configuration.
            """,
        version: "mpushctl \(ProgramVersion.current)",
        subcommands: [
            StatusCommand.self, MessagesCommand.self, FollowCommand.self, AckCommand.self, PushCommand.self,
            HTTPCommand.self, BindCommand.self, UnbindCommand.self, TagsCommand.self, PauseCommand.self,
            ResumeCommand.self, ReconnectCommand.self, ReloadCommand.self, EventsCommand.self, DeadLettersCommand.self,
            ConsumersCommand.self, MetricsCommand.self, DoctorCommand.self,
        ])
}
