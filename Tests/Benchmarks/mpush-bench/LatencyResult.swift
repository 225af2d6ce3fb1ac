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
