import ArgumentParser
import MPushControl
import MPushJSON
import MPushModel
import MPushPlatform

/// `mpushctl push`
struct PushCommand: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "push", abstract: "Send a message to the server.")

    @OptionGroup var common: CommonOptions

    @Option(
        help: ArgumentHelp("The identity whose connection is used; required if there are several.", valueName: "name"))
    var identity: String?

    @Flag(help: "Wait until the server has acknowledged it.")
    var ack = false

    @Argument(help: "What to send; - reads standard input.")
    var content: String

    func validate() throws {
        if content.isEmpty { throw ValidationError("The message is empty.") }
    }

    func run(_ client: ControlClient, _ terminal: Terminal) throws(ControlFailure) {
        let bytes = content == "-" ? try StandardInput.all() : Array(content.utf8)
        if bytes.isEmpty { throw .usage("The message is empty: there is nothing on standard input.") }
        var request = PushRequest(content: MessageContent(bytes))
        request.identity = identity
        request.awaitsAck = ack
        let answer = try client.send(ControlAPI.push, request)
        if common.json { return try terminal.say(answer.json.text) }
        try terminal.say(
            answer.isAcknowledged
                ? "acknowledged by the server of \(answer.identity) in \(answer.took.humanReadable)"
                : "sent as \(answer.identity)")
    }
}

/// `mpushctl http`
struct HTTPCommand: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "http", abstract: "Make an HTTP request through the server.",
        discussion: "Prints the body, as curl does.")

    @OptionGroup var common: CommonOptions

    @Option(
        help: ArgumentHelp("The identity whose connection is used; required if there are several.", valueName: "name"))
    var identity: String?

    @Option(
        name: [.customShort("X"), .customLong("method")],
        help: ArgumentHelp("GET, POST, PUT or DELETE; POST where there is a body.", valueName: "method"))
    var method: String?

    @Option(name: [.customShort("H"), .customLong("header")], help: ArgumentHelp("A field.", valueName: "name: value"))
    var headers: [String] = []

    @Option(name: [.short, .long], help: ArgumentHelp("The body; - reads standard input.", valueName: "content"))
    var data: String?

    @Flag(name: [.short, .long], help: "Print the response header before the body.")
    var include = false

    @Argument(help: "The URL, with http:// or https://.")
    var url: String

    func validate() throws {
        if let method, ProxyMethod(rawValue: method.uppercased()) == nil {
            throw ValidationError("\(method) is not one of GET, POST, PUT and DELETE.")
        }
        guard headers.allSatisfy({ HTTPCommand.field($0) != nil }) else {
            throw ValidationError("A header has the form \"name: value\".")
        }
    }

    func run(_ client: ControlClient, _ terminal: Terminal) throws(ControlFailure) {
        var request = ControlHTTPRequest(url: url)
        request.identity = identity
        request.headers = headers.compactMap(HTTPCommand.field)
        if let data { request.body = MessageContent(data == "-" ? try StandardInput.all() : Array(data.utf8)) }
        request.method = method.flatMap { ProxyMethod(rawValue: $0.uppercased()) } ?? (data == nil ? .get : .post)
        let answer = try client.send(ControlAPI.http, request)
        if common.json { return try terminal.say(answer.json.text) }
        if include {
            try terminal.say("HTTP \(answer.status) \(answer.reason.shown(atMost: 200))")
            for field in answer.headers { try terminal.say("\(field.name): \(field.value)".shown(atMost: 8192)) }
            try terminal.say("")
        }
        // What goes to a file goes as it is; a terminal gets what cannot steer it.
        guard terminal.isTerminal else { return try terminal.write(answer.body.bytes) }
        let text = answer.body.text ?? "(\(ByteCountText.humanReadable(answer.body.bytes.count)) that are not text)"
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            try terminal.say(String(line).shown(atMost: 1 << 20))
        }
    }

    private static func field(_ text: String) -> HeadField? {
        guard let colon = text.firstIndex(of: ":"), colon != text.startIndex else { return nil }
        let value = text[text.index(after: colon)...].drop { $0 == " " }
        return HeadField(name: String(text[..<colon]), value: String(value))
    }
}
