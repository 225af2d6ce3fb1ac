import Glibc
import MPushCipher
import MPushModel

/// The same stream of pushes to the daemon and to each of the bare readers, in turn, for several rounds.
struct PushBenchmark {
    let settings: BenchSettings
    let workspace: Workspace

    private typealias Keys = (key: SecretBytes, iv: SecretBytes)
    private static let retry = Duration.seconds(60)
    /// For the daemon to write its ticket and its log.
    private static let settling: useconds_t = 200_000

    func run(_ kind: PushCase) throws -> PushResult {
        let server = try ReplayServer(workspace)
        let count = kind.pushes(of: settings.pushes)
        var rounds: [(daemon: RunFigures, readers: [ReaderVariant: RunFigures])] = []
        var memory: MemoryUse?
        for _ in 0..<settings.rounds {
            let (figures, memoryAfter, stream, keys) = try runDaemon(kind, count, server)
            var readers: [ReaderVariant: RunFigures] = [:]
            for variant in ReaderVariant.allCases {
                readers[variant] = try run(variant, stream, keys, server)
            }
            rounds.append((figures, readers))
            memory = memoryAfter
        }
        guard let memory else { throw BenchError("no round was run") }
        return PushResult(kind, pushes: count, rounds: rounds, memoryAfter: memory)
    }

    private func runDaemon(
        _ kind: PushCase, _ count: Int, _ server: ReplayServer
    ) throws -> (RunFigures, MemoryUse, PushStream, Keys) {
        let arguments = try workspace.daemonArguments(port: server.port, retry: Self.retry)
        let daemon = try ChildProcess(
            settings.daemon, arguments, log: workspace.logFile)
        let connection = try server.accept()
        let keys = try connection.openSession()
        let stream = try PushStream(kind, count: count, cipher: AESCipher(key: keys.key, iv: keys.iv))
        usleep(Self.settling)
        let figures = try measure(daemon, connection, stream, awaitingAcks: kind.isAcknowledged)
        return (figures, try daemon.memory, stream, keys)
    }

    private func run(
        _ variant: ReaderVariant, _ stream: PushStream, _ keys: Keys, _ server: ReplayServer
    ) throws -> RunFigures {
        var arguments = ["\(server.port)", workspace.authorityFile, variant.rawValue]
        if variant == .frames { arguments += [Self.hexadecimal(keys.key), Self.hexadecimal(keys.iv)] }
        let reader = try ChildProcess(settings.bareReader, arguments, output: .pipe, log: workspace.logFile)
        let figures = try measure(reader, try server.accept(), stream, awaitingAcks: false)
        let frames = variant == .frames ? stream.pushes : 0
        guard let line = reader.readLine(), line == "\(stream.bytes) \(frames)" else {
            throw BenchError("the bare reader did not see all of the stream")
        }
        return figures
    }

    private func measure(
        _ client: ChildProcess, _ connection: ReplayConnection, _ stream: PushStream, awaitingAcks: Bool
    ) throws -> RunFigures {
        var before = Duration.zero
        let elapsed = try connection.replay(
            stream, awaitingAcks: awaitingAcks, startingWith: { before = try client.cpuTime })
        return RunFigures(pushes: stream.pushes, elapsed: elapsed, cpu: try client.cpuTime - before)
    }

    private static func hexadecimal(_ secret: SecretBytes) -> String {
        secret.exposed.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
    }
}
