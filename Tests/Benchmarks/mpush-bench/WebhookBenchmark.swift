import Glibc

/// A backlog of messages of 200 bytes that a route takes to a web server in the order of the inbox, in each way in turn.
struct WebhookBenchmark {
    let settings: BenchSettings
    let workspace: Workspace

    func run() throws -> [WebhookResult] {
        // What is far away is as fast as the path: one round says as much as five.
        try run(WebhookCase.far, rounds: 1) + run(WebhookCase.near, rounds: settings.rounds)
    }

    private func run(_ cases: [WebhookCase], rounds: Int) throws -> [WebhookResult] {
        var figures: [[RunFigures]] = []
        for _ in 0..<rounds { figures.append(try cases.map { try run($0) }) }
        return cases.indices.map { index in
            WebhookResult(
                name: cases[index].name, messages: cases[index].messages,
                perSecond: Sample(figures.map { $0[index].pushesPerSecond }).median,
                cpuMicrosecondsPerMessage: Sample(figures.map { $0[index].microsecondsPerPush }).median,
                ratio: Sample(figures.map { $0[index].pushesPerSecond / $0[0].pushesPerSecond }).median,
                aim: cases[index].aim)
        }
    }

    private func run(_ kind: WebhookCase) throws -> RunFigures {
        let directory = try workspace.makeDirectory("webhook")
        defer { workspace.remove(directory) }
        try InboxHolder(at: directory, messages: kind.messages, dead: 0).close()
        let server = try WebhookSink(path: kind.path, expecting: kind.messages)
        // Nobody is at home there, and that is all the same to the route.
        let nobody = try ReplayServer(workspace)
        let arguments = try workspace.daemonArguments(
            port: nobody.port, retry: .seconds(60), route: kind.route(port: server.port), state: directory)
        let daemon = try ChildProcess(settings.daemon, arguments, log: workspace.logFile)
        defer { daemon.stop() }
        let (first, elapsed) = try server.waitForAll()
        return RunFigures(pushes: kind.messages - first, elapsed: elapsed, cpu: try daemon.cpuTime)
    }
}
