import Foundation
import MPushModel

/// One trial: a simulated server that pushes numbered messages without end, a daemon that is killed again and again, and
/// three routes: a program that keeps the ids that it has seen, a folder, and a stream whose program is killed as well.
final class CrashTrial {
    private let kills: Int
    private let seed: UInt64
    private var random: SplitMix64
    private let scene: TrialScene

    init(program: String, kills: Int, seed: UInt64) throws {
        self.kills = kills
        self.seed = seed
        random = SplitMix64(seed: seed)
        scene = try TrialScene(program: program, folders: ["seen", "folder"], routes: CrashTrial.routes)
        try scene.write(keeper, to: "keep")
        chmod(file("keep").path, 0o755)
        try scene.write(streamer, to: "stream.py")
    }

    private func file(_ name: String) -> URL { scene.file(name) }

    /// Making a directory either succeeds or finds it: that is how the program knows what it has had.
    private var keeper: String {
        """
        #!/bin/sh
        echo "$MPUSH_ID" >>\(file("runs").path)
        mkdir "\(file("seen").path)/$MPUSH_ID" 2>/dev/null
        exit 0
        """
    }

    /// Kills itself at one message in seventeen, before it has kept it or before it has answered.
    private var streamer: String {
        """
        import json, os, random, signal, sys
        kept, deaths = (os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600) for path in sys.argv[1:])
        def perhaps():
            if random.random() < 0.03:
                os.write(deaths, b"x")
                os.kill(os.getpid(), signal.SIGKILL)
        for line in sys.stdin:
            message = json.loads(line)
            perhaps()
            os.write(kept, (message["id"] + "\\n").encode())
            perhaps()
            print(json.dumps({"id": message["id"], "done": True}), flush=True)
        """
    }

    private static func routes(in directory: URL) -> String {
        """
        [[route]]
        name = "keep"
        exec = ["\(directory.path)/keep"]
        concurrency = 4
        [[route]]
        name = "folder"
        file = "\(directory.path)/folder"
        [[route]]
        name = "stream"
        stream = ["/usr/bin/python3", "\(directory.path)/stream.py", "\(directory.path)/streamed", "\(directory.path)/deaths"]
        window = \(CrashVerdict.window)
        retry_min = "100ms"
        retry_max = "500ms"
        """
    }

    /// Kills as often as was asked for, lets the daemon finish its work, and compares.
    func run() throws -> CrashVerdict {
        defer { scene.tearDown() }
        let pusher = scene.pusher
        let start = ContinuousClock.now
        print("crash test: \(kills) kills, seed \(seed)")
        pusher.start()
        for number in 1...kills {
            let daemon = try scene.launchDaemon()
            // Some die before they are online, most after.
            usleep(UInt32(random.next() % 280_000))
            try scene.kill(daemon)
            if number % 50 == 0 { print("  \(number) kills, \(try pusher.acknowledged().count) acknowledged") }
        }
        try pusher.stop()
        let acknowledged = try pusher.acknowledged()
        let daemon = try scene.launchDaemon()
        let isDelivered = waitUntilDelivered(acknowledged)
        daemon.terminate()
        daemon.waitUntilExit()
        var verdict = compare(acknowledged)
        verdict.isCleanEnd = isDelivered && daemon.terminationReason == .exit && daemon.terminationStatus == 0
        verdict.took = ContinuousClock.now - start
        return verdict
    }

    private func waitUntilDelivered(_ acknowledged: Set<String>) -> Bool {
        for _ in 0..<600 {
            if acknowledged.isSubset(of: seen()), acknowledged.isSubset(of: inFolder()),
                acknowledged.isSubset(of: lines(of: "streamed"))
            {
                return true
            }
            usleep(100_000)
        }
        return false
    }

    private func seen() -> Set<String> {
        Set((try? FileManager.default.contentsOfDirectory(atPath: file("seen").path)) ?? [])
    }

    /// The ids of all messages in the folder. Each file is one push.
    private func inFolder() -> Set<String> {
        let new = file("folder/new")
        let names = (try? FileManager.default.contentsOfDirectory(atPath: new.path)) ?? []
        return Set(
            names.compactMap { name in
                (try? Data(contentsOf: new.appending(path: name))).flatMap(NumberedPusher.id)
            })
    }

    private func lines(of name: String) -> [String] { scene.lines(of: name) }

    private func compare(_ acknowledged: Set<String>) -> CrashVerdict {
        let (runs, streamed) = (lines(of: "runs"), lines(of: "streamed"))
        var verdict = CrashVerdict(kills: kills, acknowledged: acknowledged.count)
        verdict.missingInProgram = acknowledged.subtracting(seen()).count
        verdict.missingInFolder = acknowledged.subtracting(inFolder()).count
        verdict.delivered = seen().count
        verdict.runs = runs.count
        verdict.missingInStream = acknowledged.subtracting(streamed).count
        verdict.streamed = Set(streamed).count
        verdict.streamRuns = streamed.count
        verdict.foreign = Set(streamed).subtracting(scene.pusher.pushed()).count
        verdict.deaths = (try? Data(contentsOf: file("deaths")).count) ?? 0
        return verdict
    }
}
