import MPushSimulator
import NIOCore

/// One message after the other: how long until it is acknowledged, and until a follower has read it.
struct LatencyBenchmark {
    let settings: BenchSettings
    let workspace: Workspace

    func run() throws -> LatencyResult {
        let server = try LocalServer(workspace)
        let daemon = try ChildProcess(
            settings.daemon, try workspace.daemonArguments(port: server.port, retry: .seconds(1)),
            log: workspace.logFile)
        defer { daemon.stop() }
        _ = try server.bound()
        let acks = try (0..<settings.messages).map { try acknowledge($0, server) }
        let follower = try APIClient(path: workspace.socketPath).follow("/v1/messages/follow")
        // The follower is there once it gets something.
        _ = try reach("first", server, follower)
        let reads = try (0..<settings.messages).map { try reach("follow-\($0)", server, follower) }
        let bare = try BareInserter(program: settings.bareInserter, workspace: workspace)
            .run(rows: settings.messages, batch: 1, length: 200)
        return LatencyResult(
            messages: settings.messages, ack: Quantiles(acks), follower: Quantiles(reads),
            bareTransaction: bare.transaction, sync: bare.sync)
    }

    private func acknowledge(_ number: Int, _ server: LocalServer) throws -> Duration {
        let content = PushStream.content(of: 200, number: number)
        let report = try server.simulator.push(content, to: "alice").wait().first
        guard case .acknowledged(let time)? = report?.outcome else { throw BenchError("a push was not acknowledged") }
        return time
    }

    private func reach(_ text: String, _ server: LocalServer, _ follower: APIStream) throws -> Duration {
        let start = ContinuousClock.now
        _ = server.simulator.push(ByteBuffer(string: text), to: "alice", flags: [])
        try follower.readLine(with: "\"\(text)\"")
        return ContinuousClock.now - start
    }
}
