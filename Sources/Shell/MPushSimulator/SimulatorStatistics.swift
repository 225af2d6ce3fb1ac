/// What happened in a simulator since it was made, and what is now.
package struct SimulatorStatistics: Equatable, Sendable {
    package var connectionsNow = 0
    package var connectionsEver = 0
    package var handshakes = 0
    package var resumes = 0
    package var binds = 0
    package var heartbeats = 0
    package var pushes = 0
    package var acks = 0
    package var ackTimeouts = 0
    package var kicks = 0
    /// Requests that were answered with an ERROR.
    package var refusals = 0
    /// From the push to its ACK: the sum over all that were awaited, for the mean.
    package var ackLatencySum: Duration = .zero
    package var ackLatencyMaximum: Duration = .zero
    private var latencies = 0

    package init() {}

    /// The mean time from a push to its ACK; nil when none was measured.
    package var ackLatencyMean: Duration? { latencies == 0 ? nil : ackLatencySum / latencies }

    /// Counts an ACK that came after `latency`.
    mutating func acknowledged(after latency: Duration) {
        acks += 1
        latencies += 1
        ackLatencySum += latency
        ackLatencyMaximum = max(ackLatencyMaximum, latency)
    }
}
