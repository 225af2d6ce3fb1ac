import ArgumentParser
import MPushControl
import MPushJSON
import MPushModel
import MPushPlatform

/// `mpushctl messages`
struct MessagesCommand: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "messages", abstract: "The messages in the inbox.")

    @OptionGroup var common: CommonOptions

    @Option(help: ArgumentHelp("Only those pushed to this identity.", valueName: "name"))
    var identity: String?

    @Option(help: ArgumentHelp("Only those for this user.", valueName: "name"))
    var user: String?

    @Option(
        help: ArgumentHelp(
            "Only those received since then: 90min, 2d, today, yesterday, 14:30, 2026-11-22, \"2026-11-22 14:30\".",
            valueName: "time"))
    var since: String?

    @Option(help: ArgumentHelp("Only those with this text in their content, letter for letter.", valueName: "text"))
    var grep: String?

    @Option(help: ArgumentHelp("The route that --state refers to.", valueName: "name"))
    var route: String?

    @Option(help: ArgumentHelp("The state for the route: pending, done or dead. Requires --route.", valueName: "state"))
    var state: String?

    @Option(help: ArgumentHelp("Only the message with this id.", valueName: "id"))
    var id: String?

    @Option(help: ArgumentHelp("Only messages after this position; with --newest, before it.", valueName: "position"))
    var after: Int64?

    @Option(help: ArgumentHelp("How many at most, up to 1000.", valueName: "count"))
    var limit = 100

    @Flag(help: "The newest first.")
    var newest = false

    @Flag(help: "Print only the contents, as they are, each followed by a line end.")
    var raw = false

    func validate() throws {
        if (route == nil) != (state == nil) { throw ValidationError("--route and --state go together.") }
        if let state, MessageState(rawValue: state) == nil {
            throw ValidationError("--state must be pending, done or dead.")
        }
        if let since, TimeWords.time(since, at: MachineClock().wall) == nil {
            throw ValidationError("--since: \(TimeWords.rule)")
        }
        if grep?.isEmpty == true { throw ValidationError("--grep must not be empty.") }
        guard (1...1000).contains(limit) else { throw ValidationError("--limit must be 1 to 1000.") }
    }

    func run(_ client: ControlClient, _ terminal: Terminal) throws(ControlFailure) {
        var query = MessageQuery(
            after: after.map { MessagePosition(rawValue: $0) } ?? .start, limit: limit, identity: identity, id: id,
            consumer: route.map(ConsumerName.route), state: state.flatMap { MessageState(rawValue: $0) },
            isNewestFirst: newest)
        query.user = user
        query.since = since.flatMap { TimeWords.time($0, at: MachineClock().wall) }
        query.text = grep
        let page = try client.get(ControlAPI.listMessages, query, within: ControlClient.reading)
        if common.json { return try terminal.say(page.json.text) }
        if raw {
            for message in page.messages {
                try terminal.write(MessageContent(message.content).bytes + [UInt8(ascii: "\n")])
            }
            return
        }
        let table = MessageTable(
            width: common.width(on: terminal), now: MachineClock().wall, style: Style(isColoured: terminal.isColoured))
        try terminal.say(table.lines(page.messages).joined(separator: "\n"))
        if let next = page.next { terminal.note("There are more: --after \(next.rawValue)") }
    }
}
