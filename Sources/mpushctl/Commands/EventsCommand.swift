import ArgumentParser
import MPushControl
import MPushJSON
import MPushModel
import MPushPlatform

/// `mpushctl events`
struct EventsCommand: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "events", abstract: "Show the events of the connections.")

    @OptionGroup var common: CommonOptions

    @Option(help: ArgumentHelp("Only this identity.", valueName: "name"))
    var identity: String?

    @Option(help: ArgumentHelp("Only events after this number.", valueName: "number"))
    var after: UInt64 = 0

    @Flag(help: "Continue with new events, until Ctrl-C.")
    var follow = false

    @Flag(help: "With --follow: exit when the daemon does, instead of waiting for it.")
    var noReconnect = false

    func run(_ client: ControlClient, _ terminal: Terminal) throws(ControlFailure) {
        guard !follow else {
            if let identity { try client.check(identity: identity) }
            var last = after
            return try Persistence(isPersistent: !noReconnect, terminal: terminal).run { () throws(ControlFailure) in
                try follow(client, terminal, &last)
            }
        }
        var next: UInt64? = after
        var hasShown = false
        while let after = next {
            var question = EventQuestion()
            (question.after, question.limit) = (after, 1000)
            let page = try client.get(ControlAPI.listEvents, question)
            for event in page.events { hasShown = try show(event, terminal) || hasShown }
            next = page.next.flatMap { $0 > after ? $0 : nil }
        }
        // One that was removed may have events still.
        if !hasShown, let identity { try client.check(identity: identity) }
    }

    private func follow(
        _ client: ControlClient, _ terminal: Terminal, _ last: inout UInt64
    ) throws(ControlFailure) -> StreamOutcome {
        let reader = try client.stream(ControlAPI.followEvents, EventStart(after: last))
        var hadLines = false
        do throws(ControlFailure) {
            while let line = try reader.nextLine() {
                switch try StreamLine<EventReport>(line) {
                case .keepalive: break
                case .end(let reason):
                    last = 0
                    return StreamOutcome(reason: reason, hadLines: hadLines)
                case .value(let event):
                    hadLines = true
                    last = event.sequence
                    _ = try show(event, terminal)
                }
            }
        } catch {
            guard error.isPassing else { throw error }
        }
        // The daemon that comes back counts from the start.
        last = 0
        return StreamOutcome(reason: nil, hadLines: hadLines)
    }

    /// Whether it is one that was asked for.
    private func show(_ event: EventReport, _ terminal: Terminal) throws(ControlFailure) -> Bool {
        if let identity, event.identity != identity { return false }
        guard !common.json else {
            try terminal.say(event.json.text)
            return true
        }
        let style = Style(isColoured: terminal.isColoured)
        let time =
            "\(event.time.humanReadable(at: MachineClock().wall)):\(event.time.localClockText.split(separator: ":").last ?? "")"
        let name = "\(event.identity.shown(atMost: 64))  \(event.event.text.shown(atMost: 64).padded(to: 14))"
        try terminal.say("\(style.faint(time))  \(name)  \(event.text.shown(atMost: 4096))")
        return true
    }
}
