import ArgumentParser
import MPushControl
import MPushJSON
import MPushModel
import MPushPlatform

/// `mpushctl dead-letters`
struct DeadLettersCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dead-letters",
        abstract: "Dead letters, messages that a route could not deliver: list, send again, discard.",
        subcommands: [List.self, SendAgain.self, Discard.self], defaultSubcommand: List.self)

    struct List: ControlCommand {
        static let configuration = CommandConfiguration(commandName: "list", abstract: "List them (the default).")

        @OptionGroup var common: CommonOptions

        @Option(help: ArgumentHelp("Only dead letters of this route.", valueName: "name"))
        var route: String?

        @Option(help: ArgumentHelp("Only dead letters after this position.", valueName: "position"))
        var after: Int64?

        @Option(
            help: ArgumentHelp(
                "With --after: continue after this route's dead letter at that position.", valueName: "name"))
        var afterRoute: String?

        @Option(help: ArgumentHelp("How many at most, up to 1000.", valueName: "count"))
        var limit = 100

        func run(_ client: ControlClient, _ terminal: Terminal) throws(ControlFailure) {
            let query = DeadLetterQuery(
                route: route, after: after.map { MessagePosition(rawValue: $0) } ?? .start, afterRoute: afterRoute,
                limit: limit)
            let page = try client.get(ControlAPI.listDeadLetters, query, within: ControlClient.reading)
            if common.json { return try terminal.say(page.json.text) }
            if page.deadLetters.isEmpty { return try terminal.say("no dead letters") }
            for letter in page.deadLetters { try show(letter, terminal) }
            if let next = page.next {
                let route = next.route.shown(atMost: 64)
                terminal.note("There are more: --after \(next.message.position.rawValue) --after-route \(route)")
            }
        }

        private func show(_ letter: DeadLetter, _ terminal: Terminal) throws(ControlFailure) {
            let style = Style(isColoured: terminal.isColoured)
            let tries = "\(letter.attempts) \(letter.attempts == 1 ? "attempt" : "attempts")"
            try terminal.say(
                "#\(letter.message.position.rawValue)  \(style.strong(letter.route.shown(atMost: 64)))  given up at "
                    + "\(letter.buried.humanReadable(at: MachineClock().wall)) after \(tries): "
                    + style.poor(letter.reason.shown(atMost: 1024)))
            try terminal.say(
                "    " + MessageTable.content(letter.message, atMost: max(20, common.width(on: terminal) - 4)))
        }
    }

    struct SendAgain: ControlCommand {
        static let configuration = CommandConfiguration(
            commandName: "send-again", abstract: "Send them to their route again.")

        @OptionGroup var common: CommonOptions
        @OptionGroup var selection: DeadLetterOptions

        func run(_ client: ControlClient, _ terminal: Terminal) throws(ControlFailure) {
            let answer = try client.send(ControlAPI.sendAgain, selection.request)
            try terminal.say(
                common.json
                    ? answer.json.text : "\(answer.count.grouped) sent to \(answer.route.shown(atMost: 64)) again"
            )
            try selection.checkAll(answer)
        }
    }

    struct Discard: ControlCommand {
        static let configuration = CommandConfiguration(commandName: "discard", abstract: "Delete them.")

        @OptionGroup var common: CommonOptions
        @OptionGroup var selection: DeadLetterOptions

        func run(_ client: ControlClient, _ terminal: Terminal) throws(ControlFailure) {
            let answer = try client.send(ControlAPI.discard, selection.request)
            try terminal.say(
                common.json
                    ? answer.json.text : "\(answer.count.grouped) of \(answer.route.shown(atMost: 64)) discarded")
            try selection.checkAll(answer)
        }
    }
}

/// Which dead letters something is done to.
struct DeadLetterOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The route whose dead letters they are.", valueName: "name"))
    var route: String

    @Flag(help: "All dead letters of this route.")
    var all = false

    @Argument(help: "Positions.")
    var positions: [Int64] = []

    func validate() throws {
        if all == !positions.isEmpty { throw ValidationError("Give positions, or --all.") }
    }

    /// As the daemon is asked.
    var request: DeadLetterSelection { DeadLetterSelection(route: route, positions: all ? nil : positions) }

    /// Throws where some of the positions have no dead letter.
    func checkAll(_ answer: DeadLetterAnswer) throws(ControlFailure) {
        let missing = all ? 0 : Set(positions).count - answer.count
        guard missing > 0 else { return }
        let route = route.shown(atMost: 64)
        let what =
            positions.count == 1
            ? "\(route) has no dead letter at position \(positions[0])."
            : "\(route) has no dead letter at \(missing) of these positions."
        throw .problem(Problem(.noSuchMessage, "\(what) See: mpushctl dead-letters list --route \(route)"))
    }
}
