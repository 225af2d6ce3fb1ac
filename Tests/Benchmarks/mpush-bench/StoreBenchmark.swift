import Glibc
import MPushCipher

/// A flood of different messages, each to be acknowledged once it is on the disk; then the bare inserter with as many rows,
/// in batches as large as the daemon's were. In turn, for several rounds.
struct StoreBenchmark {
    let settings: BenchSettings
    let workspace: Workspace

    func run(_ kind: PushCase) throws -> StoreResult {
        let server = try ReplayServer(workspace)
        let bare = BareInserter(program: settings.bareInserter, workspace: workspace)
        let count = kind.pushes(of: settings.pushes) / 2
        var rounds: [(daemon: RunFigures, bare: Double, batch: Int)] = []
        for _ in 0..<settings.rounds {
            let (figures, batch) = try runDaemon(kind, count, server)
            let inserted = try bare.run(rows: count, batch: batch, length: kind.contentLength)
            rounds.append((figures, Double(count) / inserted.elapsed.seconds, batch))
        }
        return StoreResult(
            name: kind.name, pushes: count, batch: Int(Sample(rounds.map { Double($0.batch) }).median),
            daemonPerSecond: Sample(rounds.map(\.daemon.pushesPerSecond)).median,
            barePerSecond: Sample(rounds.map(\.bare)).median,
            ratio: Sample(rounds.map { $0.daemon.pushesPerSecond / $0.bare }).median,
            cpuMicrosecondsPerPush: Sample(rounds.map(\.daemon.microsecondsPerPush)).median)
    }

    private func runDaemon(_ kind: PushCase, _ count: Int, _ server: ReplayServer) throws -> (RunFigures, batch: Int) {
        let arguments = try workspace.daemonArguments(port: server.port, retry: .seconds(60))
        let daemon = try ChildProcess(settings.daemon, arguments, log: workspace.logFile)
        let connection = try server.accept()
        let keys = try connection.openSession()
        let stream = try PushStream(kind, count: count, cipher: AESCipher(key: keys.key, iv: keys.iv))
        let api = APIClient(path: workspace.socketPath)
        let before = try api.metric("mpush_inbox_commits_total")
        var cpu = Duration.zero
        let elapsed = try connection.replay(stream, awaitingAcks: true, startingWith: { cpu = try daemon.cpuTime })
        let figures = RunFigures(pushes: count, elapsed: elapsed, cpu: try daemon.cpuTime - cpu)
        let commits = try api.metric("mpush_inbox_commits_total") - before
        return (figures, max(1, Int((Double(count) / max(1, commits)).rounded())))
    }
}
