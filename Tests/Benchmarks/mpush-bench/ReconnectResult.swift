/// How long it takes to be bound again.
struct ReconnectResult: Encodable {
    let name: String
    let reconnects: Int
    /// From the accepted TCP connection to the answered BIND, as the server sees it.
    let medianMilliseconds: Double
    let p90Milliseconds: Double
    /// From the server's close to the accepted connection: mostly the wait that is configured.
    let medianWaitMilliseconds: Double
    /// The daemon's CPU time for one, the loss included.
    let cpuMilliseconds: Double
}
