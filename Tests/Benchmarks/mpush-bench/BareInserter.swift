import Glibc

/// The C program that inserts the same rows as the inbox does: see its source.
struct BareInserter {
    /// What one run gave.
    struct Figures {
        let elapsed: Duration
        let transaction: Quantiles
        /// Of an append of 4 KiB with its sync.
        let sync: Quantiles
    }

    let program: String
    let workspace: Workspace

    func run(rows: Int, batch: Int, length: Int) throws -> Figures {
        let directory = try workspace.makeDirectory("bare")
        let process = try ChildProcess(
            program, [directory, "\(rows)", "\(batch)", "\(length)"], output: .pipe, log: workspace.logFile)
        let numbers = process.readLine()?.split(separator: " ").compactMap { Int64($0) } ?? []
        process.stop()
        workspace.remove(directory)
        guard numbers.count == 5 else { throw BenchError("the bare inserter did not come to its end") }
        let times = numbers.map { Duration.nanoseconds($0) }
        return Figures(
            elapsed: times[0], transaction: Quantiles(median: times[1].milliseconds, p99: times[2].milliseconds),
            sync: Quantiles(median: times[3].milliseconds, p99: times[4].milliseconds))
    }
}
