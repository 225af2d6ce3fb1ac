import MPushSimulator
import NIOCore

/// The server closes, and the daemon comes back, again and again.
struct ReconnectBenchmark {
    let settings: BenchSettings
    let workspace: Workspace

    /// The least that the configuration allows.
    static let wait = Duration.milliseconds(100)

    private struct Return {
        let wait: Duration
        let connecting: Duration
        let lastEvent: Int
    }

    func run(_ variant: ReconnectVariant) throws -> ReconnectResult {
        let server = try LocalServer(workspace)
        let arguments = try workspace.daemonArguments(
            port: server.port, resumesTLS: variant.resumesTLS, retry: Self.wait)
        let daemon = try ChildProcess(settings.daemon, arguments, log: workspace.logFile)
        // The first return may do what only a first one does.
        var last = try comeBack(to: server, variant, after: try server.bound().number).lastEvent
        let cpuBefore = try daemon.cpuTime
        var returns: [Return] = []
        for _ in 0..<settings.reconnects {
            let back = try comeBack(to: server, variant, after: last)
            last = back.lastEvent
            returns.append(back)
        }
        let cpu = try daemon.cpuTime - cpuBefore
        return result(variant, returns, cpu: cpu)
    }

    private func comeBack(to server: LocalServer, _ variant: ReconnectVariant, after number: Int) throws -> Return {
        if !variant.resumesSession { try server.simulator.inject(.expireSessions, into: .everyone).wait() }
        try server.simulator.inject(.close, into: .present).wait()
        let closing = try server.event(after: number, "disconnected") { $0.kind == .fault(.close) }
        let accepted = try server.event(after: number, "back") { if case .connected = $0.kind { true } else { false } }
        let bound = try server.bound(after: accepted.number)
        let contradiction = try server.event(after: accepted.number, "on its way") { event in
            variant.isContradicted(by: event) || event.number >= bound.number
        }
        guard contradiction.number >= bound.number else {
            throw BenchError("\(variant.name): the connection did not go that way: \(contradiction.kind)")
        }
        return Return(
            wait: accepted.time - closing.time, connecting: bound.time - accepted.time, lastEvent: bound.number)
    }

    private func result(_ variant: ReconnectVariant, _ returns: [Return], cpu: Duration) -> ReconnectResult {
        let times = Sample(returns.map(\.connecting.milliseconds))
        return ReconnectResult(
            name: variant.name, reconnects: returns.count, medianMilliseconds: times.median,
            p90Milliseconds: times.quantile(0.9),
            medianWaitMilliseconds: Sample(returns.map(\.wait.milliseconds)).median,
            cpuMilliseconds: cpu.milliseconds / Double(max(1, returns.count)))
    }
}
