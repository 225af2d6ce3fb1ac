import Glibc
import MPushScene
import MPushWorld

/// Runs worlds, says which failed, and how to have each of them again.
struct WorldCommand {
    private static let usage = """
        usage: mpush-world [--seed N | --seeds FROM-TO] [--days N] [--kind KIND] [--trace | --packets] [--jobs N] [--for SECONDS] [--corpus FILE] [--known FILE]
          --seed, --seeds  the worlds to run, 1-20 without
          --days           how many days of troubles each has, 1 without
          --kind           dense (trouble every few minutes or hours), as without; calm (weeks with little trouble); cuts (one
                           power cut after the other); kills (of a stream's program, and of the daemon beside it);
                           mixed: each by its seed, with 60 days for one where it is calm
          --trace          print what happened; --packets with every packet
          --jobs           run them in so many processes at once
          --for            begin no world after so many seconds of this machine's time; nor after SIGINT or SIGTERM
          --corpus         run the worlds of FILE first: SEED DAYS [KIND] # what it was
          --known          run the worlds of FILE as well, which are known to fail: SEED DAYS [KIND] INVARIANT # what mends it.
                           One of them that does not fail any more, or with another invariant, has failed.
        """

    private var seeds: ClosedRange<UInt64>?
    private var days = 1
    /// Nil for all of them, by the seed.
    private var kind: WorldKind? = .dense
    private var lines = 0
    private var showsPackets = false
    private var jobs = 0
    /// In seconds of the monotonic clock, which all processes of a run share: no world is begun after it.
    private var end = Int64.max
    private var corpus: [WorldList.Line] = []
    private var known: [WorldList.Line] = []
    private var knownFile: String?
    /// Where one process of several runs them.
    private var part: [WorldCase] = []
    private var isPart = false
    private var isWrong = false

    init(_ arguments: [String]) {
        isWrong = !read(arguments)
    }

    private mutating func read(_ arguments: [String]) -> Bool {
        var rest = arguments[...]
        while let option = rest.popFirst() {
            switch option {
            case "--trace": lines = 200_000
            case "--packets": (lines, showsPackets) = (200_000, true)
            case "--part": isPart = true
            default:
                guard let value = rest.popFirst(), read(option, value) else { return false }
            }
        }
        return true
    }

    private mutating func read(_ option: String, _ value: String) -> Bool {
        switch option {
        case "--seed":
            guard let seed = UInt64(value) else { return false }
            seeds = seed...seed
        case "--seeds":
            let ends = value.split(separator: "-").compactMap { UInt64($0) }
            guard ends.count == 2, ends[0] <= ends[1] else { return false }
            seeds = ends[0]...ends[1]
        case "--days":
            guard let number = Int(value), number > 0 else { return false }
            days = number
        case "--kind":
            kind = WorldKind(rawValue: value)
            return kind != nil || value == "mixed"
        case "--jobs":
            guard let number = Int(value), number > 0 else { return false }
            jobs = number
        case "--for":
            guard let number = Int64(value), number > 0 else { return false }
            end = WorldCommand.seconds + number
        case "--until": end = Int64(value) ?? .max
        case "--worlds": part = value.split(separator: ",").compactMap { WorldCase($0) }
        case "--corpus":
            guard let list = WorldList(value) else { return false }
            corpus = list.lines
        case "--known":
            guard let list = WorldList(value) else { return false }
            (known, knownFile) = (list.lines, value)
        default: return false
        }
        return true
    }

    private var worlds: [WorldCase] {
        guard !isPart else { return part }
        let range = (seeds ?? 1...20).map { seed in
            guard let kind else {
                let kind = WorldKind.mixed(seed)
                return WorldCase(seed: seed, days: days * kind.daysForEach, kind: kind)
            }
            return WorldCase(seed: seed, days: days, kind: kind)
        }
        var seen: Set<WorldCase> = []
        return (corpus.map(\.world) + range + known.map(\.world)).filter { seen.insert($0).inserted }
    }

    private var isLate: Bool { EndRequest.isThere || WorldCommand.seconds >= end }

    func run() -> CInt {
        guard !isWrong else {
            print(WorldCommand.usage)
            return EX_USAGE
        }
        let worlds = worlds
        let began = WorldCommand.seconds
        var records: [WorldRecord] = []
        if jobs > 0, !isPart {
            var options = knownFile.map { ["--known", $0] } ?? []
            if lines > 0 { options.append(showsPackets ? "--packets" : "--trace") }
            if end < .max { options += ["--until", "\(end)"] }
            var processes = WorldProcesses(jobs: jobs, options: options) { [self] in isLate }
            guard processes.run(worlds) else { return EX_OSERR }
            records = processes.records
        } else {
            for world in worlds where !isLate {
                records.append(run(world, isOnly: worlds.count == 1 && !isPart))
                if isPart, let record = records.last { print(record.line) }
                fflush(nil)
            }
        }
        let failed = records.count(where: \.isFailed)
        if !isPart {
            printSum(of: records, failed: failed, in: max(1, WorldCommand.seconds - began))
            if records.count < worlds.count { print("not run: \(worlds.count - records.count) of the worlds") }
        }
        return failed == 0 ? 0 : 1
    }

    private func printSum(of records: [WorldRecord], failed: Int, in seconds: Int64) {
        let machineDays = Double(records.reduce(0) { $0 + $1.seconds }) / 86_400
        let (acknowledged, starts) = (records.reduce(0) { $0 + $1.acknowledged }, records.reduce(0) { $0 + $1.starts })
        let (powerCuts, crashes) = (records.reduce(0) { $0 + $1.powerCuts }, records.reduce(0) { $0 + $1.crashes })
        let daemonKills = records.reduce(0) { $0 + $1.killsOfDaemonInStreams }
        let streamKills = records.reduce(0) { $0 + $1.killsOfStreams }
        let steps = records.reduce(UInt64(0)) { $0 + $1.steps }
        // In tenths.
        let rate = Int(machineDays / 365.25 * 36_000 / Double(seconds))
        print(
            """
            \(records.count) worlds, \(Int(machineDays)) machine-days, \(powerCuts) power cuts, \(crashes) crashes, \
            \(starts) starts, \(daemonKills) kills of the daemon and \(streamKills) of a stream's program with messages unanswered, \
            \(acknowledged) messages acknowledged, \(steps) steps in \(seconds) s and \
            \(WorldCommand.processorSeconds) s of a core (\(rate / 10).\(rate % 10) machine-years an hour): \(failed) failed
            """
        )
    }

    private func run(_ which: WorldCase, isOnly: Bool) -> WorldRecord {
        let world = World(seed: which.seed, days: which.days, kind: which.kind)
        world.scheduler.trace.mostLines = lines
        let report = world.run()
        for line in report.trace where showsPackets || !line.contains(" packet of ") { print(line) }
        let hash = String(report.hash, radix: 16)
        let expected = known.first { $0.world == which }?.invariant
        var isFailed = !report.violations.isEmpty
        if let expected {
            let isAsKnown = !isFailed ? false : report.violations.allSatisfy { $0.hasPrefix(expected + ":") }
            if isAsKnown {
                print("seed \(which.seed): fails as known: \(report.violations[0])")
            } else if !isFailed {
                print(
                    "seed \(which.seed): FAILED: it breaks \"\(expected)\" no more: remove it from the known failings")
            }
            isFailed = !isAsKnown
        }
        if isFailed, !report.violations.isEmpty {
            for violation in report.violations.prefix(3) { print("seed \(which.seed): FAILED: \(violation)") }
            print("  again with: \(which.command)   (trace \(hash))")
        } else if isOnly, !isFailed {
            print(
                "seed \(which.seed): good, \(report.pushed) pushed, \(report.acknowledged) acknowledged, \(report.starts) starts, \(report.powerCuts) power cuts, \(report.crashes) crashes, \(report.steps) steps, trace \(hash)"
            )
        }
        var record = WorldRecord(which, isFailed: isFailed)
        record.seconds = report.elapsed.components.seconds
        (record.steps, record.acknowledged, record.starts) = (report.steps, report.acknowledged, report.starts)
        (record.powerCuts, record.crashes) = (report.powerCuts, report.crashes)
        (record.killsOfDaemonInStreams, record.killsOfStreams) = (report.killsOfDaemonInStreams, report.killsOfStreams)
        return record
    }

    /// Of this process and all that it started.
    private static var processorSeconds: Int {
        var ticks = tms()
        times(&ticks)
        return (ticks.tms_utime + ticks.tms_stime + ticks.tms_cutime + ticks.tms_cstime) / sysconf(CInt(_SC_CLK_TCK))
    }

    private static var seconds: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec)
    }
}
