import Glibc
import MPushCipher

/// Messages that a stream's program answered for.
struct StreamResult: Encodable {
    let name: String
    let messages: Int
    /// Medians of the rounds.
    let perSecond: Double
    let cpuMicrosecondsPerMessage: Double
}

/// A backlog that a stream's program takes: it reads nothing until all is stored, and then answers for all that it finds.
struct StreamBenchmark {
    /// Finds the ids of all lines of a read at once, so that it is not what is waited for.
    private static let program = """
        import os, re, sys, time
        path, count = sys.argv[1], int(sys.argv[2])
        open(path + ".go").readline()
        begun, seen, rest = time.monotonic(), 0, b""
        pattern = re.compile(rb'^{"position":[0-9]+,"attempt":[0-9]+,"id":("[^"]*")', re.M)
        while piece := os.read(0, 1 << 17):
            lines = rest + piece
            end = lines.rfind(b"\\n") + 1
            ids, rest = pattern.findall(lines[:end]), lines[end:]
            answers = b"".join(b'{"id":' + id + b',"done":true}\\n' for id in ids)
            while answers: answers = answers[os.write(1, answers):]
            seen += len(ids)
            if seen == count:
                with open(path, "w") as file: print(time.monotonic() - begun, file=file)
        """
    private static let patience = Duration.seconds(120)

    let settings: BenchSettings
    let workspace: Workspace

    func run(_ kind: PushCase) throws -> StreamResult {
        let server = try ReplayServer(workspace)
        let count = kind.pushes(of: settings.pushes) / 2
        let rounds = try (0..<settings.rounds).map { round in try runDaemon(kind, count, server, round: round) }
        return StreamResult(
            name: kind.name, messages: count, perSecond: Sample(rounds.map(\.pushesPerSecond)).median,
            cpuMicrosecondsPerMessage: Sample(rounds.map(\.microsecondsPerPush)).median)
    }

    private func runDaemon(_ kind: PushCase, _ count: Int, _ server: ReplayServer, round: Int) throws -> RunFigures {
        let (script, result) = ("\(workspace.path)/stream.py", "\(workspace.path)/stream-\(round)")
        try TextFile.write(Self.program.utf8, to: script)
        let (go, end) = (try NamedPipe("\(result).go"), try NamedPipe(result))
        let route = """
            [[route]]
            name = "stream"
            stream = ["/usr/bin/python3", "\(script)", "\(result)", "\(count)"]
            time_limit = "1h"
            """
        let arguments = try workspace.daemonArguments(port: server.port, retry: .seconds(60), route: route)
        let daemon = try ChildProcess(settings.daemon, arguments, log: workspace.logFile)
        let connection = try server.accept()
        let keys = try connection.openSession()
        let stream = try PushStream(kind, count: count, cipher: AESCipher(key: keys.key, iv: keys.iv))
        _ = try connection.replay(stream, awaitingAcks: true, startingWith: {})
        let cpu = try daemon.cpuTime
        go.write("go")
        guard let text = end.line(within: Self.patience) else {
            throw BenchError("\(count) messages were not answered for in time")
        }
        guard let seconds = Double(text) else { throw BenchError("\(text): no time") }
        return RunFigures(pushes: count, elapsed: .seconds(seconds), cpu: try daemon.cpuTime - cpu)
    }
}
