import ArgumentParser
import MPushControl
import MPushJSON
import MPushModel
import MPushPlatform
import NIOCore

/// `mpushctl trace`
struct TraceCommand: ControlCommand {
    static let configuration = CommandConfiguration(
        commandName: "trace", abstract: "What became of a message: each route and named follower.",
        discussion: "Known as long as the message is in the inbox (keep_delivered, max_age).")

    @OptionGroup var common: CommonOptions

    @Argument(help: "Its id, or # and its position, such as \"#12\". Of several with the same id, the newest.")
    var id: String

    func run(_ client: ControlClient, _ terminal: Terminal) throws(ControlFailure) {
        let trace = try client.get(ControlAPI.trace, TraceQuestion(id: id), within: ControlClient.reading)
        if common.json { return try terminal.say(trace.json.text) }
        let text = TraceText(
            width: common.width(on: terminal), now: MachineClock().wall, style: Style(isColoured: terminal.isColoured))
        try terminal.say(text.lines(trace).joined(separator: "\n"))
        guard !trace.others.isEmpty else { return }
        let positions = trace.others.prefix(8).map { "\"#\($0.rawValue)\"" }.joined(separator: ", ")
        terminal.note("There are older ones with this id: \(positions)\(trace.others.count > 8 ? " and more" : "")")
    }
}

/// What became of a message, for people.
struct TraceText {
    let width: Int
    let now: WallTime
    let style: Style

    func lines(_ trace: TraceReport) -> [String] {
        let message = trace.message
        let size = ByteCountText.humanReadable(message.content.readableBytes)
        let head =
            "\(style.strong(message.id.shown(atMost: 256)))  #\(message.position.rawValue) for "
            + "\(message.user.shown(atMost: 64)), \(size), received \(clock(message.received)), \(acknowledged(trace))"
        guard !trace.deliveries.isEmpty else { return [head, "  no route and no named follower"] }
        let names = trace.deliveries.map { $0.consumer.shown(atMost: 64) }
        let column = (names.map(\.count).max() ?? 0) + 2
        let stateColumn = (trace.deliveries.map { state($0).count }.max() ?? 0) + 2
        return [head]
            + zip(trace.deliveries, names).flatMap { delivery, name in
                let start = 2 + column + stateColumn
                let facts = ColumnTable.wrapped(facts(delivery), to: max(20, width - start))
                let state = state(delivery)
                let gap = String(repeating: " ", count: stateColumn - state.count)
                return facts.enumerated().map { number, text in
                    let line =
                        number == 0
                        ? "  \(name.padded(to: column))\(coloured(delivery, state))\(gap)\(text)"
                        : String(repeating: " ", count: start) + text
                    return line.trimmedAtEnd
                }
            }
    }

    private func acknowledged(_ trace: TraceReport) -> String {
        if let time = trace.acknowledgedAfter { return "acknowledged after \(time.humanReadable)" }
        if trace.awaitsConfirmation { return "its sender waits for a confirmation" }
        return trace.isConfirmed ? "confirmed" : "stored"
    }

    private func state(_ delivery: DeliveryReport) -> String {
        switch (delivery.state, delivery.kind) {
        case (.before, _): "not concerned"
        case (.passed, _): "passed over"
        case (.waiting, _): "waiting"
        case (.running, _): "under way"
        case (.done, .route): "done"
        case (.done, .follower): "acknowledged"
        case (.dead, _): "dead letter"
        case (.discarded, _): "discarded"
        }
    }

    private func coloured(_ delivery: DeliveryReport, _ text: String) -> String {
        switch delivery.state {
        case .done: style.good(text)
        case .dead: style.bad(text)
        case .waiting, .running: style.poor(text)
        case .before, .passed, .discarded: style.faint(text)
        }
    }

    private func facts(_ delivery: DeliveryReport) -> String {
        var facts: [String?] = [delivery.at.map(clock)]
        switch delivery.state {
        case .before: facts.append("it began after this message")
        case .passed: facts.append("its filter does not want it")
        case .dead: facts.append(failed(delivery))
        case .waiting, .running:
            let down = delivery.targetDownFor.map { "target down for \($0.humanReadable)" }
            let next = delivery.nextAttempt.map { "next attempt in \($0.humanReadable)" }
            let waits = [down, next].compactMap(\.self).joined(separator: ", ")
            facts.append([waits.isEmpty ? nil : waits, failed(delivery)].compactMap(\.self).joined(separator: "; "))
        case .done, .discarded: break
        }
        if !delivery.isActive { facts.append("(the route is not configured now)") }
        return facts.compactMap(\.self).filter { !$0.isEmpty }.joined(separator: "  ")
    }

    /// `attempt 3: exit status 3`
    private func failed(_ delivery: DeliveryReport) -> String? {
        let reason = delivery.reason?.shown(atMost: 1024)
        guard let attempts = delivery.attempts else { return reason }
        return "attempt \(attempts)" + (reason.map { ": \($0)" } ?? "")
    }

    /// With the seconds; and with the day where it is not today's.
    private func clock(_ time: WallTime) -> String {
        let text = time.humanReadable(at: now)
        return "\(text):\(time.localClockText.split(separator: ":").last?.prefix(2) ?? "")"
    }
}

extension String {
    fileprivate var trimmedAtEnd: String {
        var text = self[...]
        while text.last == " " { text = text.dropLast() }
        return String(text)
    }
}
