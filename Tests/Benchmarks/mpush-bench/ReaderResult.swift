/// A reader's figures over all rounds.
struct ReaderResult: Encodable {
    /// Medians.
    let pushesPerSecond: Double
    let cpuMicrosecondsPerPush: Double
    /// The slowest and the fastest round.
    let slowest: Double
    let fastest: Double

    init(_ runs: [RunFigures]) {
        let rates = Sample(runs.map(\.pushesPerSecond))
        pushesPerSecond = rates.median
        slowest = rates.least
        fastest = rates.greatest
        cpuMicrosecondsPerPush = Sample(runs.map(\.microsecondsPerPush)).median
    }
}
