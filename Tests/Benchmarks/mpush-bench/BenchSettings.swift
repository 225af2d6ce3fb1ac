import Glibc

/// What is measured, and for how long: the arguments name the programs, the environment holds the figures.
struct BenchSettings {
    let daemon: String
    let bareReader: String
    let bareInserter: String
    /// Where the JSON goes.
    let output: String
    /// How long the idle daemon is watched (BENCH_IDLE, seconds).
    let idle: Duration
    /// How many pushes of 200 bytes make one run (BENCH_PUSHES); of longer ones proportionally fewer.
    let pushes: Int
    /// How often each run is repeated (BENCH_ROUNDS).
    let rounds: Int
    /// How many connections are lost for each kind of return (BENCH_RECONNECTS).
    let reconnects: Int
    /// How many messages are sent one after the other, and timed (BENCH_MESSAGES).
    let messages: Int

    static let usage = "usage: mpush-bench MPUSHD BARE_READER BARE_INSERTER OUTPUT.json"

    init(arguments: [String]) throws(BenchError) {
        guard arguments.count == 4 else { throw BenchError(Self.usage) }
        daemon = arguments[0]
        bareReader = arguments[1]
        bareInserter = arguments[2]
        output = arguments[3]
        idle = .seconds(try Self.number("BENCH_IDLE", default: 60, in: 1...3600))
        pushes = try Self.number("BENCH_PUSHES", default: 200_000, in: 1000...1_000_000)
        rounds = try Self.number("BENCH_ROUNDS", default: 5, in: 1...100)
        reconnects = try Self.number("BENCH_RECONNECTS", default: 50, in: 1...1000)
        messages = try Self.number("BENCH_MESSAGES", default: 2000, in: 100...100_000)
    }

    private static func number(
        _ name: String, default standard: Int, in bounds: ClosedRange<Int>
    ) throws(BenchError) -> Int {
        guard let text = getenv(name).map({ String(cString: $0) }), !text.isEmpty else { return standard }
        guard let number = Int(text), bounds.contains(number) else {
            throw BenchError("\(name): \(text): not a number from \(bounds.lowerBound) to \(bounds.upperBound)")
        }
        return number
    }
}
