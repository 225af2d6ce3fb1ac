import Glibc
import MPushScene
import MPushWorld

/// `mpush-world [--seed N | --seeds FROM-TO] [--days N] [--trace]`: worlds one after the other; says which failed, and how
/// to have it again.
struct WorldCommand {
    private var seeds: ClosedRange<UInt64> = 1...20
    private var days = 1
    private var lines = 0
    private var showsPackets = false
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
            case "--seed":
                guard let seed = rest.popFirst().flatMap({ UInt64($0) }) else { return false }
                seeds = seed...seed
            case "--seeds":
                let ends = (rest.popFirst() ?? "").split(separator: "-").compactMap { UInt64($0) }
                guard ends.count == 2, ends[0] <= ends[1] else { return false }
                seeds = ends[0]...ends[1]
            case "--days":
                guard let number = rest.popFirst().flatMap({ Int($0) }), number > 0 else { return false }
                days = number
            default: return false
            }
        }
        return true
    }

    func run() -> CInt {
        guard !isWrong else {
            print("usage: mpush-world [--seed N | --seeds FROM-TO] [--days N] [--trace]")
            return EX_USAGE
        }
        var failed: [UInt64] = []
        var (machineDays, steps, messages, starts) = (0.0, UInt64(0), 0, 0)
        let began = clock()
        for seed in seeds {
            let world = World(seed: seed, days: days)
            world.scheduler.trace.mostLines = lines
            let report = world.run()
            machineDays += Double(report.elapsed.components.seconds) / 86_400
            steps += report.steps
            messages += report.acknowledged
            starts += report.starts
            for line in report.trace where showsPackets || !line.contains(" connection ") { print(line) }
            let hash = String(report.hash, radix: 16)
            if report.violations.isEmpty {
                if seeds.count == 1 {
                    print(
                        "seed \(seed): good, \(report.pushed) pushed, \(report.acknowledged) acknowledged, \(report.starts) starts, \(report.steps) steps, trace \(hash)"
                    )
                }
            } else {
                failed.append(seed)
                for violation in report.violations.prefix(3) { print("seed \(seed): FAILED: \(violation)") }
                print("  again with: mpush-world --seed \(seed) --days \(days) --trace   (trace \(hash))")
            }
            fflush(nil)
        }
        let seconds = Double(clock() - began) / Double(CLOCKS_PER_SEC)
        print(
            "\(seeds.count) worlds, \(Int(machineDays)) machine-days, \(messages) messages acknowledged, \(starts) starts, \(steps) steps in \(Int(seconds)) s: \(failed.count) failed"
        )
        return failed.isEmpty ? 0 : 1
    }
}
