import ArgumentParser
import MPushControl
import MPushJSON
import MPushModel
import MPushPlatform

/// `mpushctl bind`
struct BindCommand: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "bind",
        abstract: "Bind a user, until another is bound, the server refuses it or the configuration is read again.")

    @OptionGroup var common: CommonOptions

    @Option(
        help: ArgumentHelp("The identity whose connection is used; required if there are several.", valueName: "name"))
    var identity: String?

    @Option(
        help: ArgumentHelp(
            "Bind with this tag; may be repeated. Default: the tags in the configuration.", valueName: "tag"))
    var tag: [String] = []

    @Argument(help: "The user; default: the one in the configuration.")
    var user: String?

    func validate() throws {
        if tag.contains("") { throw ValidationError("A tag is empty.") }
    }

    func run(_ client: ControlClient, _ terminal: Terminal) throws(ControlFailure) {
        let request = ControlBindRequest(
            identity: try client.identity(identity), user: user, tags: tag.isEmpty ? nil : tag)
        try terminal.say(client.send(ControlAPI.bind, request), json: common.json)
    }
}

extension Terminal {
    /// Says who is bound.
    func say(_ answer: BindAnswer, json: Bool) throws(ControlFailure) {
        if json { return try say(answer.json.text) }
        let (user, tags) =
            answer.isDeferred ? (answer.wishedUser, answer.wishedTags) : (answer.user, answer.tags)
        let with = tags.isEmpty ? "" : " with tags \(tags.joined(separator: ", "))"
        let binding = user.map { "\($0) is bound\(with)" } ?? "nobody is bound"
        let later = answer.isDeferred ? " from the next connection on; there is none now" : ""
        try say("\(answer.identity): \(binding)\(later)".shown(atMost: 4096))
    }
}

/// `mpushctl unbind`
struct UnbindCommand: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "unbind", abstract: "Unbind the user; the connection stays open.")

    @OptionGroup var common: CommonOptions

    @Option(
        help: ArgumentHelp("The identity whose connection is used; required if there are several.", valueName: "name"))
    var identity: String?

    func run(_ client: ControlClient, _ terminal: Terminal) throws(ControlFailure) {
        let request = UnbindRequest(identity: try client.identity(identity))
        try terminal.say(client.send(ControlAPI.unbind, request), json: common.json)
    }
}

/// `mpushctl tags`
struct TagsCommand: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "tags", abstract: "Change the tags of the bound user.")

    @OptionGroup var common: CommonOptions

    @Option(
        help: ArgumentHelp("The identity whose connection is used; required if there are several.", valueName: "name"))
    var identity: String?

    @Flag(help: "No tags at all.")
    var none = false

    @Argument(help: "The tags.")
    var tags: [String] = []

    func validate() throws {
        if none == !tags.isEmpty { throw ValidationError("Give tags, or --none.") }
        if tags.contains("") { throw ValidationError("A tag is empty. Give tags that are not, or --none for no tags.") }
    }

    func run(_ client: ControlClient, _ terminal: Terminal) throws(ControlFailure) {
        let request = TagsRequest(identity: try client.identity(identity), tags: tags)
        try terminal.say(client.send(ControlAPI.setTags, request), json: common.json)
    }
}
