import MPushModel

/// Lays out what a demo shows: the time since its start, who speaks, and what.
package struct DemoFormatter: Sendable {
    /// Who speaks.
    private enum Speaker: String {
        case server
        case daemon = "mpushd"
        case message
        case demo

        static let width = 7

        var colour: TextColour {
            switch self {
            case .server: .magenta
            case .daemon: .cyan
            case .message: .blue
            case .demo: .bold
            }
        }
    }

    private static let timeWidth = 8
    private static let topicWidth = 14
    /// Narrower columns than this are not worth the breaks.
    private static let minimumTextWidth = 20

    private let isColoured: Bool

    package init(isColoured: Bool) {
        self.isColoured = isColoured
    }

    /// What happened `time` after the start, in lines of `width` columns; nil for lines without end.
    package func lines(_ observation: DemoObservation, at time: Duration, width: Int?) -> [String] {
        switch observation {
        case .server(let event):
            let (what, detail, colour) = EventFormatter.text(event.kind)
            let origin = event.connection.map { detail.isEmpty ? "\($0)" : "\($0) \(detail)" } ?? detail
            return lines(.server, topic: what, colour, origin, at: time, width: width)
        case .log(let line):
            return lines(
                .daemon, topic: line.level?.rawValue ?? "", Self.colour(of: line.level), line.text, at: time,
                width: width)
        case .message(let line):
            return lines(.message, topic: nil, .plain, line, at: time, width: width)
        }
    }

    /// What the demo itself has to say at `time`; nothing where an action is not for show.
    package func lines(_ action: DemoAction, at time: Duration, width: Int?) -> [String] {
        switch action {
        case .announce(let caption):
            [""] + TextWrapping.lines(of: caption, width: width).map { paint($0, .bold) }
        case .approve(let what, let delay):
            lines(.demo, topic: "ok", .green, "\(what), after \(delay.humanReadable)", at: time, width: width)
        case .complain(let words):
            lines(.demo, topic: "FAILED", .red, words, at: time, width: width)
        case .stopDaemon:
            [""] + lines(.demo, topic: "end", .plain, "mpushd is asked to end", at: time, width: width)
        case .killDaemon:
            lines(.demo, topic: "end", .yellow, "mpushd is killed", at: time, width: width)
        case .perform, .finish: []
        }
    }

    /// What is suggested next: words, and what can be typed.
    package func lines(_ hint: TryTour.Hint, width: Int?) -> [String] {
        [""] + TextWrapping.lines(of: hint.words, width: width).map { paint($0, .bold) }
            + hint.commands.map { "    \($0)" }
    }

    /// The last words, with the result in a line of its own.
    package func summary(_ result: DemoResult, after time: Duration) -> [String] {
        let failures = result.failures.map { paint("demo: FAILED: \($0)", .red) }
        let more = result.failed - result.failures.count
        let scenes = result.scenes == 1 ? "1 whole scene" : "\(result.scenes) whole scenes"
        return [""] + failures + (more > 0 ? ["demo: \(more) more failures"] : []) + [
            "demo: \(scenes) in \(time.humanReadable)",
            paint("\(result.passed) passed, \(result.failed) failed", result.failed == 0 ? .green : .red),
        ]
    }

    private static func colour(of level: DemoLogLine.Level?) -> TextColour {
        switch level {
        case .debug: .dim
        case .info, nil: .plain
        case .notice: .green
        case .warning: .yellow
        case .error: .red
        }
    }

    private func lines(
        _ speaker: Speaker, topic: String?, _ colour: TextColour, _ text: String, at time: Duration, width: Int?
    ) -> [String] {
        let topicWidth = topic == nil ? 0 : Self.topicWidth
        let gutterWidth = Self.timeWidth + 2 + Speaker.width + 3
        let textWidth = width.map { max(Self.minimumTextWidth, $0 - gutterWidth - topicWidth) }
        return TextWrapping.lines(of: text.shown(atMost: 2000), width: textWidth).enumerated().map {
            index, line in
            let stamp = index == 0 ? time.asSeconds : ""
            let head = index == 0 ? topic ?? "" : ""
            return paint(stamp.padded(left: Self.timeWidth), .dim) + "  "
                + paint(speaker.rawValue.padded(to: Speaker.width), speaker.colour) + paint(" │ ", .dim)
                + paint(head.padded(to: topicWidth), colour) + paint(line, colour == .dim ? .dim : .plain)
        }
    }

    private func paint(_ text: String, _ colour: TextColour) -> String {
        isColoured ? colour.paint(text) : text
    }
}

/// Breaks text into lines for a terminal.
package enum TextWrapping {
    /// The lines of `text`, none of them longer than `width` characters: broken at a space, else after a comma, else where
    /// the width ends. Nil or a width without room breaks nothing.
    package static func lines(of text: String, width: Int?) -> [String] {
        guard let width, width > 0 else { return [text] }
        var lines: [String] = []
        var rest = text[...]
        while let limit = rest.index(rest.startIndex, offsetBy: width, limitedBy: rest.endIndex), limit < rest.endIndex
        {
            let cut = breakPoint(in: rest, limit)
            lines.append(String(rest[..<cut]))
            rest = rest[cut...].drop { $0 == " " }
        }
        return rest.isEmpty && !lines.isEmpty ? lines : lines + [String(rest)]
    }

    /// Where the line that begins `text` and may reach to `limit` ends.
    private static func breakPoint(in text: Substring, _ limit: Substring.Index) -> Substring.Index {
        let line = text[..<limit]
        if text[limit] == " " { return limit }
        if let space = line.lastIndex(of: " "), space > text.startIndex { return space }
        if let comma = line.lastIndex(of: ",") { return line.index(after: comma) }
        return limit
    }
}
