/// Pushes that were stored, synced and acknowledged, beside the bare inserter in the same run.
struct StoreResult: Encodable {
    let name: String
    let pushes: Int
    /// Messages that shared one transaction of the daemon, on average; the bare inserter has as many in each.
    let batch: Int
    /// Medians of the rounds.
    let daemonPerSecond: Double
    let barePerSecond: Double
    /// The median of each round's ratio, daemon to bare.
    let ratio: Double
    let cpuMicrosecondsPerPush: Double
}
