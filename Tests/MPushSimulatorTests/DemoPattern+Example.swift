import MPushSimulator
import MPushWire

extension DemoPattern {
    /// Something that matches it, on the connection so numbered.
    func example(on connection: UInt64) -> DemoObservation {
        switch self {
        case .log(let fragments):
            .log(DemoLogLine("2026-11-22T10:11:12.123Z info \(fragments.joined(separator: " - "))"))
        case .message(let fragments): .message("{\(fragments.joined(separator: ","))}")
        case .secured(let isResumed): .event(.secured(version: "TLS 1.3", isResumed: isResumed), on: connection)
        case .handshaken: .event(.handshaken(device: "device", heartbeat: .seconds(3)), on: connection)
        case .resumed: .event(.resumed(device: "device", heartbeat: .seconds(3)), on: connection)
        case .bound(let user): .event(.bound(user: user, tags: ""), on: connection)
        case .heartbeat: .event(.heartbeat, on: connection)
        case .acknowledged: .event(.acknowledged(number: 1, latency: .milliseconds(2)), on: connection)
        case .refused(let command): .event(.refused(command, reason: "no"), on: connection)
        case .closed(let reason): .event(.closed(reason), on: connection)
        }
    }
}

extension DemoObservation {
    /// What the server saw on the connection so numbered.
    static func event(_ kind: SimulatorEvent.Kind, on connection: UInt64 = 1) -> DemoObservation {
        .server(SimulatorEvent(number: 1, time: .zero, connection: ConnectionID(connection), user: "alice", kind: kind))
    }

    /// A line of mpushd's log.
    static func log(_ level: String, _ text: String) -> DemoObservation {
        .log(DemoLogLine("2026-11-22T10:11:12.123Z \(level) \(text)"))
    }
}
