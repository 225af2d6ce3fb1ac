/// How long answers take on one connection, learnt from those that came: a smoothed round trip and its variation (RFC
/// 6298, section 2).
///
/// The variation falls an eighth as fast as it rises. What makes an answer late on a lossy path is TCP, which waits twice as
/// long before each repetition; one such answer among thirty that are punctual must not be forgotten when the next one comes.
struct RoundTripEstimate: Equatable, Sendable {
    /// A sample beyond this says nothing of the path.
    private static let longest = Duration.seconds(60)

    private var smoothed: Duration?
    private var variation = Duration.zero
    /// Whether all samples so far are of the opening, in which the server has work to do.
    private var isOfOpening = true

    /// Within which an answer is there, as far as is known; nil before the first sample.
    var bound: Duration? { smoothed.map { $0 + variation * 4 } }

    /// A heartbeat was answered after `sample`.
    mutating func measured(_ sample: Duration) {
        guard let smoothed, !(isOfOpening && sample < smoothed) else { return begin(with: sample) }
        isOfOpening = false
        let sample = RoundTripEstimate.bounded(sample)
        let deviation = max(sample, smoothed) - min(sample, smoothed)
        variation += deviation > variation ? (deviation - variation) / 4 : (deviation - variation) / 32
        self.smoothed = smoothed + (sample - smoothed) / 8
    }

    /// The server answered HANDSHAKE, FAST_CONNECT or BIND after `sample`, its own work included: the shortest counts.
    mutating func openingMeasured(_ sample: Duration) {
        guard isOfOpening else { return }
        begin(with: min(smoothed ?? sample, sample))
        isOfOpening = true
    }

    private mutating func begin(with sample: Duration) {
        let sample = RoundTripEstimate.bounded(sample)
        smoothed = sample
        variation = sample / 2
        isOfOpening = false
    }

    private static func bounded(_ sample: Duration) -> Duration { min(max(sample, .zero), longest) }
}
