import ArgumentParser
import MPushControl

/// `mpushctl follow`
struct FollowCommand: ControlCommand {
    /// When a message counts as had.
    enum Acknowledging: String, ExpressibleByArgument {
        /// When its line is written.
        case auto
        /// When somebody says so: mpushctl ack.
        case none
    }

    static let configuration = CommandConfiguration(
        commandName: "follow", abstract: "Messages as they come, until Ctrl-C.",
        discussion: """
            With --consumer the daemon remembers what was acknowledged, and sends the rest again after a cut: nothing is \
            missed, over restarts of both.
            """)

    @OptionGroup var common: CommonOptions

    @Option(help: ArgumentHelp("The name under which the daemon remembers what was had.", valueName: "name"))
    var consumer: String?

    @Option(help: ArgumentHelp("auto: once the line is written; none: with mpushctl ack.", valueName: "auto|none"))
    var ack = Acknowledging.auto

    @Option(help: ArgumentHelp("Where a new name, or none, begins.", valueName: "oldest|new"))
    var from = "new"

    @Flag(help: "End when the daemon does, instead of waiting for it.")
    var noReconnect = false

    @Flag(help: "Print the contents alone, as they are, a line's end after each.")
    var raw = false

    func validate() throws {
        guard FollowQuestion.Start(rawValue: from) != nil else { throw ValidationError("--from is oldest or new.") }
    }

    func run(_ client: ControlClient, _ terminal: Terminal) throws(ControlFailure) {
        var follower = MessageFollower(
            client: client, terminal: terminal, consumer: consumer, acknowledges: ack == .auto && consumer != nil,
            from: from, form: common.json ? .json : raw ? .content : .line)
        try Persistence(isPersistent: !noReconnect, terminal: terminal).run { () throws(ControlFailure) in
            try follower.follow()
        }
    }
}
