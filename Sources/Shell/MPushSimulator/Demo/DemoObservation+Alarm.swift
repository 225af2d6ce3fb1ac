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
