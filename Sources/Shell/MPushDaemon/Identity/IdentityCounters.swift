import MPushConnection
import MPushControl
import MPushModel

/// What happened to an identity since the daemon's start, for `status` and the metrics.
struct IdentityCounters {
    /// Connections that got as far as a bound user.
    var connections: UInt64 = 0
    var attempts: UInt64 = 0
    /// Ends of connections and attempts, by `LossCause.code`.
    var losses: [String: UInt64] = [:]
    var heartbeatsSent: UInt64 = 0
    var heartbeatsAnswered: UInt64 = 0
    var missedReads: UInt64 = 0
    var received: UInt64 = 0
    var receivedBytes: UInt64 = 0
    var stored: UInt64 = 0
    var duplicates: UInt64 = 0
    var refused: UInt64 = 0
    var acknowledged: UInt64 = 0
    var roundTrips = Histogram(.network)
    var ackLatency = Histogram(.local)
    var upstream = RequestTally()
    /// The last heartbeat's way there and back.
    var roundTrip: Duration?

    /// What a connection counted that is over.
    mutating func add(_ tally: ConnectionTally) {
        heartbeatsSent += tally.heartbeats
        acknowledged += tally.acknowledgements
    }

    mutating func lost(_ cause: LossCause) {
        losses[cause.code, default: 0] += 1
    }
}
