/// One case: the daemon, and the bare readers of the same stream in the same run.
struct PushResult: Encodable {
    let name: String
    /// Whether the daemon printed and acknowledged each push.
    let isAcknowledged: Bool
    let pushes: Int
    let rounds: Int
    let daemon: ReaderResult
    /// By the name of the variant.
    let readers: [String: ReaderResult]
    /// The median of each round's ratio of rates, daemon to reader, by the name of the reader's variant.
    let rateRatios: [String: Double]
    /// Likewise of CPU time: reader to daemon, so that more is better here too.
    let cpuRatios: [String: Double]
    /// The daemon's memory after the last push.
    let memoryAfter: MemoryUse

    /// `rounds` holds the daemon's and the readers' figures of each round.
    init(
        _ kind: PushCase, pushes: Int, rounds: [(daemon: RunFigures, readers: [ReaderVariant: RunFigures])],
        memoryAfter: MemoryUse
    ) {
        name = kind.name
        isAcknowledged = kind.isAcknowledged
        self.pushes = pushes
        self.rounds = rounds.count
        self.memoryAfter = memoryAfter
        daemon = ReaderResult(rounds.map(\.daemon))
        func table<Value>(_ value: (ReaderVariant) -> Value) -> [String: Value] {
            Dictionary(uniqueKeysWithValues: ReaderVariant.allCases.map { ($0.rawValue, value($0)) })
        }
        readers = table { variant in ReaderResult(rounds.compactMap { $0.readers[variant] }) }
        rateRatios = table { variant in
            Sample(rounds.map { $0.daemon.pushesPerSecond / ($0.readers[variant]?.pushesPerSecond ?? .nan) }).median
        }
        cpuRatios = table { variant in
            Sample(rounds.map { ($0.readers[variant]?.microsecondsPerPush ?? .nan) / $0.daemon.microsecondsPerPush })
                .median
        }
    }
}
