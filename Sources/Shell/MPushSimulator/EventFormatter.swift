import MPushModel

/// Writes events as aligned lines for people: when, which connection, who, what.
package struct EventFormatter: Sendable {
    private let isColoured: Bool

    package init(isColoured: Bool) {
        self.isColoured = isColoured
    }

    /// The line for `event`, without a line feed. What came from outside is shown without control characters.
    package func line(_ event: SimulatorEvent) -> String {
        let (what, detail, colour) = Self.text(event.kind)
        let time = event.time.asSeconds.padded(left: 10)
        let connection = event.connection?.description ?? ""
        let who = connection.padded(to: 5) + (event.user ?? "-").shown(atMost: 200).padded(to: 12)
        return paint(time, .dim) + "  " + who + " " + paint(what.padded(to: 14), colour) + " "
            + detail.shown(atMost: 200)
    }

    /// What happened in a word or two, the particulars, and how the former is coloured. Not yet safe for a terminal.
    static func text(_ kind: SimulatorEvent.Kind) -> (what: String, detail: String, colour: TextColour) {
        switch kind {
        case .listening(let address, let isSecured): ("listening", "\(address) \(isSecured ? "(TLS)" : "")", .plain)
        case .connected(let peer): ("connected", peer, .plain)
        case .secured(let version, let isResumed): ("secured", version + (isResumed ? ", resumed" : ""), .plain)
        case .handshaken(let device, let heartbeat):
            ("handshake", "\(device), heartbeat \(heartbeat.humanReadable)", .green)
        case .resumed(let device, let heartbeat): ("resumed", "\(device), heartbeat \(heartbeat.humanReadable)", .green)
        case .bound(let user, let tags): ("bound", user + (tags.isEmpty ? "" : " [\(tags)]"), .green)
        case .unbound(let user): ("unbound", user, .yellow)
        case .heartbeat: ("heartbeat", "", .dim)
        case .pushReceived(let bytes): ("push received", "\(bytes) bytes", .blue)
        case .proxied(let uri): ("http proxy", uri, .blue)
        case .kicked(let user): ("kicked", user, .yellow)
        case .refused(let command, let reason): ("refused", "\(command): \(reason)", .red)
        case .fault(let fault): ("fault", "\(fault)", .magenta)
        case .closed(let reason): ("closed", "\(reason)", .yellow)
        case .pushed, .acknowledged, .ackTimedOut, .flooded: wordsOfPush(kind)
        }
    }

    private static func wordsOfPush(_ kind: SimulatorEvent.Kind) -> (what: String, detail: String, colour: TextColour) {
        switch kind {
        case .pushed(let number, let bytes): ("push", "number \(number), \(bytes) bytes", .blue)
        case .acknowledged(let number, let latency): ("ack", "number \(number) after \(fine(latency))", .blue)
        case .ackTimedOut(let number): ("ack missing", "number \(number)", .red)
        case .flooded(let report): ("flood", text(report), report.isComplete ? .blue : .red)
        default: ("", "", .plain)
        }
    }

    private static func text(_ report: FloodReport) -> String {
        let seconds = max(report.elapsed.inSeconds, 1e-6)
        let rate = Int(Double(report.sent) / seconds)
        let state = report.isComplete ? "" : ", cut short"
        return "\(report.sent) sent, \(report.acknowledged) acked in \(fine(report.elapsed)), \(rate)/s\(state)"
    }

    /// Fractions of a millisecond matter in latencies.
    private static func fine(_ duration: Duration) -> String {
        let microseconds = duration.wholeNanoseconds / 1000
        guard microseconds < 10_000 else { return duration.humanReadable }
        return "\(microseconds / 1000).\("\(microseconds % 1000 / 10)".padded(left: 2, with: "0")) ms"
    }

    private func paint(_ text: String, _ colour: TextColour) -> String {
        isColoured ? colour.paint(text) : text
    }
}

/// How text is shown on a terminal (ECMA-48, Select Graphic Rendition).
package enum TextColour: String, Sendable {
    case plain = "0"
    case bold = "1"
    case dim = "2"
    case red = "31"
    case green = "32"
    case yellow = "33"
    case blue = "34"
    case magenta = "35"
    case cyan = "36"

    /// `text` between the sequences that show it so.
    package func paint(_ text: String) -> String {
        self == .plain || text.isEmpty ? text : "\u{1B}[\(rawValue)m\(text)\u{1B}[0m"
    }
}

extension String {
    /// The text at the right of a column so wide.
    func padded(left width: Int, with filler: Character = " ") -> String {
        String(repeating: filler, count: max(0, width - count)) + self
    }
}

extension Duration {
    /// In seconds with three decimals, without the unit: `12.345`.
    var asSeconds: String {
        let milliseconds = wholeMilliseconds
        return "\(milliseconds / 1000).\("\(milliseconds % 1000)".padded(left: 3, with: "0"))"
    }
}
