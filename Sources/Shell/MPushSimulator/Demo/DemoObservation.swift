/// One thing that happened in a demo, on either side.
package enum DemoObservation: Equatable, Sendable {
    case server(SimulatorEvent)
    /// A line of mpushd's log.
    case log(DemoLogLine)
    /// A line that mpushd wrote to standard output: a message, as JSON.
    case message(String)
}

/// One line of mpushd's log, as it writes it to what is no terminal: a time in UTC, a level, a text.
package struct DemoLogLine: Equatable, Sendable {
    package enum Level: String, Sendable {
        case debug
        case info
        case notice
        case warning
        case error
    }

    /// Nil for a line in no known form: the words of another program, or of the Swift runtime.
    package let level: Level?
    package let text: String

    package init(_ line: String) {
        let parts = line.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
        if parts.count == 3, parts[0].hasSuffix("Z"), let level = Level(rawValue: String(parts[1])) {
            self.level = level
            text = String(parts[2])
        } else {
            level = nil
            text = line
        }
    }
}

extension DemoObservation {
    /// What is wrong where nobody provided for this; nil for what may always happen.
    var alarm: String? {
        switch self {
        case .server(let event): event.kind.alarm
        case .log(let line): line.isAlarming ? "mpushd says: \(line.text)" : nil
        case .message: nil
        }
    }
}

extension DemoLogLine {
    fileprivate var isAlarming: Bool {
        switch level {
        case .warning, .error, nil: true
        case .debug, .info, .notice: false
        }
    }
}

extension SimulatorEvent.Kind {
    fileprivate var alarm: String? {
        switch self {
        case .closed(let reason): "the connection was closed (\(reason))"
        case .ackTimedOut(let number): "no ACK for push \(number)"
        case .refused(let command, let reason): "\(command) was refused (\(reason))"
        case .listening, .connected, .secured, .handshaken, .resumed, .bound, .unbound, .heartbeat, .pushed,
            .acknowledged, .pushReceived, .proxied, .kicked, .flooded, .fault:
            nil
        }
    }
}
