import MPushTime

/// Writes events as aligned lines for people: when, which connection, who, what.
package struct EventFormatter: Sendable {
    private enum Colour: String {
        case plain = "0"
        case dim = "2"
        case red = "31"
        case green = "32"
        case yellow = "33"
        case blue = "34"
        case magenta = "35"
    }

    private let isColoured: Bool

    package init(isColoured: Bool) {
        self.isColoured = isColoured
    }

    /// The line for `event`, without a line feed. What came from outside is shown without control characters.
    package func line(_ event: SimulatorEvent) -> String {
        let (what, detail, colour) = Self.words(event.kind)
        let time = Self.right(Self.seconds(event.time), 10)
        let who = Self.left(event.connection?.description ?? "", 5) + Self.left(Self.printable(event.user ?? "-"), 12)
        return paint(time, .dim) + "  " + who + " " + paint(Self.left(what, 14), colour) + " " + Self.printable(detail)
    }

    private static func words(_ kind: SimulatorEvent.Kind) -> (what: String, detail: String, colour: Colour) {
        switch kind {
        case .listening(let address, let isSecured): ("listening", "\(address) \(isSecured ? "(TLS)" : "")", .plain)
        case .connected(let peer): ("connected", peer, .plain)
        case .secured(let version, let isResumed): ("secured", version + (isResumed ? ", resumed" : ""), .plain)
        case .handshaken(let device, let heartbeat): ("handshake", "\(device), heartbeat \(heartbeat.spoken)", .green)
        case .resumed(let device, let heartbeat): ("resumed", "\(device), heartbeat \(heartbeat.spoken)", .green)
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

    private static func wordsOfPush(_ kind: SimulatorEvent.Kind) -> (what: String, detail: String, colour: Colour) {
        switch kind {
        case .pushed(let number, let bytes): ("push", "number \(number), \(bytes) bytes", .blue)
        case .acknowledged(let number, let latency): ("ack", "number \(number) after \(fine(latency))", .blue)
        case .ackTimedOut(let number): ("ack missing", "number \(number)", .red)
        case .flooded(let report): ("flood", words(report), report.isComplete ? .blue : .red)
        default: ("", "", .plain)
        }
    }

    private static func words(_ report: FloodReport) -> String {
        let seconds = max(report.elapsed.inSeconds, 1e-6)
        let rate = Int(Double(report.sent) / seconds)
        let state = report.isComplete ? "" : ", cut short"
        return "\(report.sent) sent, \(report.acknowledged) acked in \(fine(report.elapsed)), \(rate)/s\(state)"
    }

    /// Fractions of a millisecond matter in latencies.
    private static func fine(_ duration: Duration) -> String {
        let microseconds = duration.wholeNanoseconds / 1000
        guard microseconds < 10_000 else { return duration.spoken }
        return "\(microseconds / 1000).\(right("\(microseconds % 1000 / 10)", 2, with: "0")) ms"
    }

    private static func seconds(_ duration: Duration) -> String {
        let milliseconds = duration.wholeMilliseconds
        return "\(milliseconds / 1000).\(right("\(milliseconds % 1000)", 3, with: "0"))"
    }

    private static func left(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }

    private static func right(_ text: String, _ width: Int, with filler: String = " ") -> String {
        String(repeating: filler, count: max(0, width - text.count)) + text
    }

    /// The text with nothing in it that a terminal obeys, and of a length that leaves it a line.
    private static func printable(_ text: String) -> String {
        let scalars = text.unicodeScalars.prefix(200).map { scalar in
            scalar.properties.generalCategory == .control ? "\u{FFFD}" : scalar
        }
        return String(String.UnicodeScalarView(scalars))
    }

    private func paint(_ text: String, _ colour: Colour) -> String {
        isColoured && colour != .plain ? "\u{1B}[\(colour.rawValue)m\(text)\u{1B}[0m" : text
    }
}
