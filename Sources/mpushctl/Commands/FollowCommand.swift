import ArgumentParser
import MPushControl
import MPushJSON
import MPushModel
import MPushPlatform

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
        commandName: "follow", abstract: "Print messages as they arrive, until Ctrl-C.",
        discussion: """
            With --consumer the daemon remembers what was acknowledged, and sends the rest again after an interruption: \
            nothing is missed, across restarts of both. A message is acknowledged once its line is written: what reads \
            the lines may still lose it. Where that matters, use --exec; or --ack none, and mpushctl ack when it has been \
            dealt with.

            With --exec a command of the shell is run for each message, one after the other. It finds the content on its \
            standard input, and MPUSH_ID, MPUSH_USER, MPUSH_IDENTITY, MPUSH_TYPE, MPUSH_RECEIVED, MPUSH_ATTEMPT, \
            MPUSH_CONSUMER and MPUSHD_SOCKET in its environment. Status 0 acknowledges the message; after any other the \
            same one is tried again, after 1 s, 2 s, 4 s and so on, a minute at most, until it succeeds or mpushctl ack says that \
            it was dealt with. Ctrl-C and SIGTERM wait for the command that runs, and for its acknowledgement; the second one \
            ends it. A message whose command was cut off, or done without mpushd getting to know, comes again.
            """)

    @OptionGroup var common: CommonOptions

    @Option(help: ArgumentHelp("The name under which the daemon remembers what was acknowledged.", valueName: "name"))
    var consumer: String?

    @Option(help: ArgumentHelp("auto: once the line is written; none: with mpushctl ack.", valueName: "auto|none"))
    var ack = Acknowledging.auto

    @Option(help: ArgumentHelp("Where a new consumer, or one without a name, starts.", valueName: "oldest|new"))
    var from = "new"

    @Option(
        help: ArgumentHelp(
            "With --consumer: run this for each message, and acknowledge it when that ends with 0.",
            valueName: "command"))
    var exec: String?

    @Flag(help: "Exit when the daemon does, instead of waiting for it.")
    var noReconnect = false

    @Flag(help: "Print only the contents, as they are, each followed by a line end.")
    var raw = false

    func validate() throws {
        guard FollowQuestion.Start(rawValue: from) != nil else {
            throw ValidationError("--from must be oldest or new.")
        }
        guard let exec else { return }
        guard consumer != nil else {
            throw ValidationError(
                "--exec needs --consumer NAME: the daemon remembers under that name what was acknowledged.")
        }
        guard ack == .auto, !raw, !common.json else {
            throw ValidationError(
                "--exec prints nothing, and acknowledges itself: it takes no --ack none, --raw or --json.")
        }
        guard exec.contains(where: { !$0.isWhitespace }) else { throw ValidationError("--exec: there is no command.") }
    }

    func run(_ client: ControlClient, _ terminal: Terminal) throws(ControlFailure) {
        var question = FollowQuestion()
        question.consumer = consumer
        guard let start = FollowQuestion.Start(rawValue: from) else { throw .usage("--from must be oldest or new.") }
        question.start = start
        let persistence = Persistence(isPersistent: !noReconnect, terminal: terminal)
        if let exec, let consumer {
            let follower = ExecFollower(exec, as: consumer, from: start, client, terminal)
            return try persistence.run { () throws(ControlFailure) in try follower.follow() }
        }
        let follower = MessageFollower(
            client: client, terminal: terminal, question: question, acknowledges: ack == .auto && consumer != nil,
            form: common.json ? .json : raw ? .content : .line)
        try persistence.run { () throws(ControlFailure) in try follower.follow() }
    }
}

/// Prints messages as they come, and acknowledges what is written.
struct MessageFollower {
    /// How a message is printed.
    enum Form {
        case json
        case line
        /// The content alone, as it is.
        case content
    }

    /// Lines that are there already are acknowledged together, up to so many.
    private static let mostTogether = 64

    let client: ControlClient
    let terminal: Terminal
    let question: FollowQuestion
    let acknowledges: Bool
    let form: Form

    /// Follows until the stream ends.
    func follow() throws(ControlFailure) -> StreamOutcome {
        let reader = try client.stream(ControlAPI.followMessages, question)
        var hadLines = false
        var written: [Int64] = []
        do throws(ControlFailure) {
            while let line = try reader.nextLine() {
                switch try StreamLine<StoredMessage>(line) {
                case .keepalive: break
                case .end(let reason):
                    try acknowledge(&written)
                    return StreamOutcome(reason: reason, hadLines: hadLines)
                case .value(let message):
                    hadLines = true
                    try print(message)
                    written.append(message.position.rawValue)
                }
                if !reader.hasLine || written.count >= MessageFollower.mostTogether { try acknowledge(&written) }
            }
        } catch {
            guard error.isPassing else { throw error }
        }
        return StreamOutcome(reason: nil, hadLines: hadLines)
    }

    private func acknowledge(_ positions: inout [Int64]) throws(ControlFailure) {
        defer { positions = [] }
        guard acknowledges, let consumer = question.consumer, !positions.isEmpty else { return }
        _ = try client.send(
            ControlAPI.acknowledge, ConsumerRequest(consumer: consumer, AckRequest.positions(positions)))
    }

    private func print(_ message: StoredMessage) throws(ControlFailure) {
        switch form {
        case .json: try terminal.say(message.json.text)
        case .content: try terminal.write(MessageContent(message.content).bytes + [UInt8(ascii: "\n")])
        case .line:
            let style = Style(isColoured: terminal.isColoured)
            try terminal.say(MessageTable(width: terminal.width, now: MachineClock().wall, style: style).line(message))
        }
    }
}
