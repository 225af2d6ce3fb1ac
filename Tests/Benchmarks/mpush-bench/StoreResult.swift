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

/// How long one message takes, one after the other.
struct LatencyResult: Encodable {
    let messages: Int
    /// From the server's write to the ACK, as the server sees it.
    let ack: Quantiles
    /// From the server's write to the line that a follower of the local API has read.
    let follower: Quantiles
    /// A transaction of one row, by the bare inserter.
    let bareTransaction: Quantiles
    /// An append of 4 KiB and fdatasync(2).
    let sync: Quantiles
}
