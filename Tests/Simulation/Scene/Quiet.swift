import MPushControl
import MPushDaemon
import MPushLocalAPI
import MPushModel
import MPushSimulator
import MPushWorld
import NIOCore

/// Now and then nothing is wrong for a while in the middle of a world: everybody has to come back, as at the end, and all
/// that says how things are has to say the same.
extension World {
    func scheduleQuiet() {
        guard kind != .cuts else { return }
        let time = kind == .calm ? Duration.seconds(5 * 86_400) : .seconds(3600)
        scheduler.schedule(in: random.duration(in: time...time * 16)) { [self] in
            guard !isPeaceful else { return }
            isQuiet = true
            scheduler.trace.note(8, 1, "WORLD: quiet")
            endTroubles()
            awaitMachines()
        }
    }

    private func awaitMachines() {
        scheduler.schedule(in: .seconds(60)) { [self] in
            guard !isPeaceful else { return }
            guard areMachinesUp else { return awaitMachines() }
            setClockRight()
            // What went wrong in between, as a planned failure of the power, is undone as well.
            scheduler.schedule(in: recovery) { [self] in
                guard !isPeaceful else { return }
                checkQuiet()
            }
        }
    }

    private func checkQuiet() {
        guard isOnline else { return reportAway() }
        checkLosses()
        forBound { [self] bound in
            checks.agreement(device, bound: bound)
            checks.sameEverywhere(device)
            checks.bounds(device, webhooks: configuration.webhooks.count, starts: kind.mostStarts)
            awaitSettled(until: scheduler.elapsed + .seconds(4 * 3600))
        }
    }

    private func awaitSettled(until end: Duration) {
        scheduler.schedule(in: .seconds(60)) { [self] in
            guard !isPeaceful else { return }
            guard isSettled || scheduler.elapsed >= end else { return awaitSettled(until: end) }
            checks.allArrived(at: configuration.programs + configuration.streams)
            scheduler.trace.note(8, 2, "WORLD: quiet is over")
            isQuiet = false
            guests.goOn()
            scheduleQuiet()
        }
    }

    /// Gives who is bound at the servers.
    func forBound(_ done: @escaping (Set<String>) -> Void) {
        let found = BoundUsers()
        for server in servers {
            server.simulator?.connections().assumeIsolated().whenSuccess {
                found.users.formUnion($0.compactMap(\.user))
            }
        }
        scheduler.schedule(in: .milliseconds(1)) { done(found.users) }
    }
}

private final class BoundUsers: @unchecked Sendable {
    var users: Set<String> = []
}

extension Checks {
    /// What the metrics say is what status says, and the journal.
    func sameEverywhere(_ device: Device) {
        guard let service = device.service else { return }
        let (status, metrics) = (service.status, MetricsReader(service.metricsText))
        func compare(_ name: String, _ said: Double?, _ status: Int) {
            guard said != Double(status) else { return }
            report("metrics agree", "\(name) is \(said.map { "\($0)" } ?? "missing"), and \(status) by status")
        }
        for identity in status.identities {
            for state in ConnectionState.allCases {
                let name = "mpush_connection_state{identity=\"\(identity.name)\",state=\"\(state.rawValue)\"}"
                compare(name, metrics[name], state == identity.state ? 1 : 0)
            }
            let name = "mpush_connections_total{identity=\"\(identity.name)\"}"
            compare(name, metrics[name], identity.connectionNumber)
        }
        for state in ConnectionState.allCases {
            let name = "mpush_identities{state=\"\(state.rawValue)\"}"
            compare(name, metrics[name], status.identities.count { $0.state == state })
        }
        compare("mpush_inbox_messages", metrics["mpush_inbox_messages"], status.inbox.messages)
        compare("mpush_inbox_waiting_messages", metrics["mpush_inbox_waiting_messages"], status.inbox.waiting)
        for route in status.routes {
            for (metric, number) in [
                ("waiting_messages", route.waiting), ("running_attempts", route.running),
                ("dead_letters", route.deadLetters),
            ] {
                let name = "mpush_route_\(metric){route=\"\(route.name)\"}"
                compare(name, metrics[name], number)
            }
        }
    }
}

/// A text of metrics, by their names with their labels.
struct MetricsReader {
    private var values: [String: Double] = [:]

    /// - Parameter beginning: only what begins so, where not all is needed.
    init(_ text: String, only beginning: String = "") {
        for line in text.utf8.split(separator: UInt8(ascii: "\n"))
        where line.first != UInt8(ascii: "#") && line.starts(with: beginning.utf8) {
            guard let space = line.lastIndex(of: UInt8(ascii: " ")) else { continue }
            values[String(Substring(line[..<space]))] = Double(Substring(line[line.index(after: space)...]))
        }
    }

    subscript(_ name: String) -> Double? { values[name] }

    func sum(of name: String) -> Double {
        values.reduce(0) { $0 + ($1.key == name || $1.key.hasPrefix(name + "{") ? $1.value : 0) }
    }

    static let lossesName = "mpush_connection_losses_total{"

    /// Losses by identity and cause.
    var losses: [String: [String: Int]] {
        var losses: [String: [String: Int]] = [:]
        for (name, value) in values where value > 0 && name.hasPrefix(MetricsReader.lossesName) {
            let parts = name.split(separator: "\"")
            guard parts.count == 5 else { continue }
            losses[String(parts[1]), default: [:]][String(parts[3])] = Int(value)
        }
        return losses
    }
}
