import Foundation
import MPushModel
import MPushTestSupport

/// One trial of the bridges: real brokers, a daemon with a route to each, and kills of the bridges at random moments; now and
/// then of the daemon, or a broker is away for a while.
final class BridgeTrial {
    private static let window = 16
    /// What the brokers and the daemon may take to be there, and each kill of a bridge: one that cannot be killed so soon does
    /// not run.
    private static let patience = Duration.seconds(60)
    private static let longestRound = Duration.seconds(5)
    /// Between two looks at what Kafka has got the pusher makes some 10,000 messages: a quarter of what it keeps.
    private static let roundsBetweenLooks = 100

    private let kills: Int
    private let seed: UInt64
    private var random: SplitMix64
    private let scene: TrialScene
    private let brokers: PlayedBrokers
    private var verdict: BridgeVerdict
    /// What was read of brokers that are read on where the last look ended.
    private var received: [BrokerKind: [String]] = [:]

    /// - Parameters:
    ///   - folder: where the built bridges are.
    ///   - tool: `Tests/Package/brokers.py`.
    init(program: String, folder: String, tool: String, kills: Int, seed: UInt64) throws {
        (self.kills, self.seed) = (kills, seed)
        random = SplitMix64(seed: seed)
        for kind in BrokerKind.allCases {
            let path = URL(filePath: folder).appending(path: kind.program).path
            guard FileManager.default.isExecutableFile(atPath: path) else { throw CrashError("\(path) is not there") }
        }
        verdict = BridgeVerdict(window: BridgeTrial.window)
        let ports = try Dictionary(uniqueKeysWithValues: BrokerKind.allCases.map { ($0, try LoopbackPort.unused()) })
        // The brokers of Kafka are known when it runs.
        scene = try TrialScene(program: program) { directory in
            let programs = URL(filePath: folder).path
            return BrokerKind.allCases.map { BridgeTrial.route($0, programs, ports, directory) }.joined()
        }
        do {
            brokers = try PlayedBrokers(scene, tool: tool, ports: ports)
        } catch {
            scene.tearDown()
            throw error
        }
    }

    /// A script stands between, which finds the brokers of Kafka in a file.
    private static func route(
        _ kind: BrokerKind, _ folder: String, _ ports: [BrokerKind: UInt16], _ directory: URL
    ) -> String {
        let program = "\(folder)/\(kind.program)"
        let url = "\(kind.rawValue)://127.0.0.1:\(ports[kind] ?? 0)"
        let urls = #"$(sed 's|\([^,]*\),*|--url kafka://\1 |g' \#(directory.path)/kafka)"#
        let command =
            switch kind {
            case .mqtt: "'\(program)', '--url', '\(url)', '--topic', 'push/{{user}}'"
            case .nats: "'\(program)', '--url', '\(url)', '--subject', 'push.{{user}}'"
            case .kafka: "'/bin/sh', '-c', '''exec \(program) \(urls) --topic push'''"
            }
        return """
            [[route]]
            name = "\(kind.rawValue)"
            stream = [\(command)]
            window = \(window)
            retry_min = "100ms"
            retry_max = "500ms"

            """
    }

    /// Kills each bridge as often as was asked for, lets the daemon finish its work, and compares.
    func run() throws -> BridgeVerdict {
        defer {
            brokers.stop()
            scene.tearDown()
        }
        let start = ContinuousClock.now
        print("bridge trial: \(kills) kills of each bridge, seed \(seed)")
        scene.pusher.start()
        var daemon = try scene.launchDaemon()
        defer {
            if daemon.isRunning {
                kill(daemon.processIdentifier, SIGKILL)
                daemon.waitUntilExit()
            }
        }
        var rounds = 0
        while let next = verdict.kills.min(by: { $0.value < $1.value }), next.value < kills {
            // One that ends at once can be killed now and then.
            guard ContinuousClock.now - start < BridgeTrial.patience + BridgeTrial.longestRound * next.value else {
                throw CrashError("\(next.key.program) does not run: it was killed \(next.value) times only")
            }
            rounds += 1
            if rounds.isMultiple(of: BridgeTrial.roundsBetweenLooks) { try look(at: .kafka) }
            usleep(UInt32(random.next() % 150_000))
            switch random.next() % 64 {
            case 0:
                try scene.kill(daemon)
                verdict.daemonKills += 1
                daemon = try scene.launchDaemon()
            case 1: try interrupt(.mqtt)
            case 2: try interrupt(.nats)
            default: killSome(of: daemon)
            }
        }
        try scene.pusher.stop()
        let acknowledged = try scene.pusher.acknowledged()
        verdict.acknowledged = acknowledged.count
        for kind in BrokerKind.allCases { try compare(kind, acknowledged) }
        daemon.terminate()
        daemon.waitUntilExit()
        verdict.isCleanEnd = daemon.terminationReason == .exit && daemon.terminationStatus == 0
        verdict.took = ContinuousClock.now - start
        return verdict
    }

    private func interrupt(_ kind: BrokerKind) throws {
        try brokers.interrupt(kind, for: UInt32(random.next() % 400_000))
        verdict.outages += 1
    }

    /// One of the bridges that run now, if any does; which.
    private func killSome(of daemon: Process) {
        let running = BridgeTrial.bridges(of: daemon.processIdentifier)
            .filter { verdict.kills[$0.kind, default: 0] < kills }
        guard !running.isEmpty else { return }
        let (kind, process) = running[Int(random.next() % UInt64(running.count))]
        guard kill(process, SIGKILL) == 0 else { return }
        verdict.kills[kind, default: 0] += 1
        let sum = verdict.kills.values.reduce(0, +)
        if sum % 150 == 0 { print("  \(sum) kills") }
    }

    /// The bridges that are children of `daemon`, in the order of their kinds.
    private static func bridges(of daemon: pid_t) -> [(kind: BrokerKind, process: pid_t)] {
        let threads = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(daemon)/task")) ?? []
        let children = threads.flatMap { thread in
            ((try? String(contentsOfFile: "/proc/\(daemon)/task/\(thread)/children", encoding: .utf8)) ?? "")
                .split(separator: " ").compactMap { pid_t($0) }
        }
        let found = children.compactMap { child -> (BrokerKind, pid_t)? in
            let program = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(child)/exe")
            guard let kind = BrokerKind.allCases.first(where: { program?.hasSuffix("/\($0.program)") == true })
            else { return nil }
            return (kind, child)
        }
        return found.sorted { $0.0.rawValue < $1.0.rawValue }
    }

    private func look(at kind: BrokerKind) throws {
        let more = try brokers.received(kind)
        // NATS says all that it has each time: what it had and lost is missing.
        received[kind] = (kind == .nats ? [] : received[kind] ?? []) + more
    }

    /// Looks until the broker has all that was acknowledged, thirty times at most.
    private func compare(_ kind: BrokerKind, _ acknowledged: Set<String>) throws {
        for _ in 0..<30 {
            try look(at: kind)
            if acknowledged.isSubset(of: received[kind] ?? []) { break }
            sleep(1)
        }
        let received = received[kind] ?? []
        let different = Set(received)
        verdict.missing[kind] = acknowledged.subtracting(different).count
        verdict.repeated[kind] = received.count - different.count
        verdict.foreign[kind] = different.subtracting(scene.pusher.pushed()).count
    }
}

/// What a trial of the bridges found.
struct BridgeVerdict {
    let window: Int
    /// Of each bridge.
    var kills: [BrokerKind: Int] = Dictionary(uniqueKeysWithValues: BrokerKind.allCases.map { ($0, 0) })
    var daemonKills = 0
    /// How often a broker was away.
    var outages = 0
    /// Messages that the server was told are safe.
    var acknowledged = 0
    /// Of them, those that a broker never got.
    var missing: [BrokerKind: Int] = [:]
    /// What it got again.
    var repeated: [BrokerKind: Int] = [:]
    /// Of what it got, what nobody pushed.
    var foreign: [BrokerKind: Int] = [:]
    var isCleanEnd = false
    var took: Duration = .zero

    init(window: Int) {
        self.window = window
    }

    /// What an end of anybody leaves without a recorded answer comes again, and nothing else; a stream of NATS has it once.
    private func mostRepeated(_ kind: BrokerKind) -> Int {
        kind == .nats ? 0 : 2 * window * ((kills[kind] ?? 0) + daemonKills + outages)
    }

    var isGood: Bool {
        isCleanEnd && acknowledged > 0
            && BrokerKind.allCases.allSatisfy { kind in
                missing[kind] == 0 && foreign[kind] == 0 && repeated[kind].map { $0 <= mostRepeated(kind) } ?? false
            }
    }

    var text: String {
        let each = BrokerKind.allCases.map { kind in
            "  \(kind.program): \(kills[kind] ?? 0) kills, \(missing[kind] ?? -1) missing, \(repeated[kind] ?? -1) again, "
                + "\(foreign[kind] ?? -1) that nobody pushed"
        }
        return """
            \(isGood ? "good" : "FAILED"): \(acknowledged) messages acknowledged in \(took.components.seconds) s, \
            \(daemonKills) kills of the daemon, \(outages) outages of brokers\(isCleanEnd ? "" : "; no clean end")
            \(each.joined(separator: "\n"))
            """
    }
}
