import MPushModel

/// How long answers take on one connection, learnt from those that came: a smoothed round trip and its variation (RFC
/// 6298, section 2), with two differences.
///
/// One late answer says little: a radio hiccuped, a server collected garbage. It is only remembered, and counts once another
/// one comes while it is: else each dead link that follows would be found seconds later, for hours. All that one hiccup
/// delayed is one late answer (as with Karn's algorithm, RFC 6298, section 3).
///
/// Late is what takes twice the usual time. One deviation more than usual is each tenth answer, on any path; and on one
/// that loses packets `bound` soon covers what TCP has to repeat: answers that were would be forgotten.
///
/// While one is remembered, the variation falls an eighth as fast as it rises. What makes an answer late on a lossy path is
/// TCP, which waits twice as long before each repetition; one such answer among thirty that are punctual must not be
/// forgotten when the next one comes.
struct RoundTripEstimate: Equatable, Sendable {
    /// A sample beyond this says nothing of the path.
    private static let longest = Duration.seconds(60)
    /// For how many punctual answers a late one is remembered: at 5 % loss each way, hardly ever are so many in a row.
    private static let memory = 64

    private var smoothed: Duration?
    private var variation = Duration.zero
    /// Whether all samples so far are of the opening, in which the server has work to do.
    private var isOfOpening = true
    /// For how many answers more the last late one is remembered.
    private var remembered = 0
    /// When the last late answer came.
    private var lastLate: Instant?

    /// Within which an answer is there, as far as is known; nil before the first sample. Twice the usual time at least: what
    /// varies only now and then is not seen in the variation.
    var bound: Duration? { smoothed.map { $0 + max(variation * 4, $0) } }

    /// A heartbeat that was sent at `sent` was answered at `now`.
    mutating func measured(from sent: Instant, to now: Instant) {
        let sample = RoundTripEstimate.bounded(now - sent)
        guard let smoothed, !(isOfOpening && sample < smoothed) else { return begin(with: sample) }
        isOfOpening = false
        if let lastLate, sent < lastLate { return }
        let isFirst = remembered == 0
        if sample > smoothed * 2 {
            lastLate = now
            remembered = RoundTripEstimate.memory
            if isFirst { return }
        } else if !isFirst {
            remembered -= 1
        }
        let deviation = max(sample, smoothed) - min(sample, smoothed)
        variation += (deviation - variation) / (deviation > variation || isFirst ? 4 : 32)
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
