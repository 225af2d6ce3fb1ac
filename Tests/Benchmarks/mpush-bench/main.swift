import Glibc

func progress(_ text: String) {
    TextFile.say("\(text)\n", to: STDERR_FILENO)
}

func bench(_ settings: BenchSettings, in workspace: Workspace) throws -> BenchReport {
    let machine = Machine()
    progress("idle: watching for \(Figure.fixed(settings.idle.seconds, places: 0)) s")
    let idle = try IdleBenchmark(settings: settings, workspace: workspace).run()
    let pushes = try PushCase.all.map { kind in
        progress("pushes: \(kind.name), \(settings.rounds) rounds")
        return try PushBenchmark(settings: settings, workspace: workspace).run(kind)
    }
    let reconnects = try ReconnectVariant.allCases.map { variant in
        progress("reconnects: \(variant.name), \(settings.reconnects) times")
        return try ReconnectBenchmark(settings: settings, workspace: workspace).run(variant)
    }
    let stores = try PushCase.stored.map { kind in
        progress("stored: \(kind.name), \(settings.rounds) rounds")
        return try StoreBenchmark(settings: settings, workspace: workspace).run(kind)
    }
    let streams = try [PushCase.stored[0]].map { kind in
        progress("streams: \(kind.name), \(settings.rounds) rounds")
        return try StreamBenchmark(settings: settings, workspace: workspace).run(kind)
    }
    progress("inbox: with a million messages, with 100,000 dead letters, \(settings.rounds) rounds")
    let inbox = try InboxBenchmark(settings: settings, workspace: workspace).run()
    progress("webhooks: a backlog on a path of 100 ms, then on loopback, \(settings.rounds) rounds")
    let webhooks = try WebhookBenchmark(settings: settings, workspace: workspace).run()
    progress("latency: \(settings.messages) messages, one after the other")
    let latency = try LatencyBenchmark(settings: settings, workspace: workspace).run()
    return BenchReport(
        machine: machine, idle: idle, pushes: pushes, reconnects: reconnects, stores: stores, streams: streams,
        inbox: inbox, webhooks: webhooks, latency: latency)
}

func run() -> CInt {
    signal(SIGPIPE, SIG_IGN)
    do {
        let settings = try BenchSettings(arguments: Array(CommandLine.arguments.dropFirst()))
        let workspace = try Workspace()
        do {
            let report = try bench(settings, in: workspace)
            try report.writeJSON(to: settings.output)
            TextFile.say(report.text, to: STDOUT_FILENO)
            return EXIT_SUCCESS
        } catch {
            progress(workspace.log)
            throw error
        }
    } catch {
        progress("mpush-bench: \(error)")
        return EXIT_FAILURE
    }
}

exit(run())
