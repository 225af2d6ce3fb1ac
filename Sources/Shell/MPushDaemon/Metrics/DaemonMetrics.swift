import MPushControl
import MPushDelivery

/// What is counted beside the identities.
struct DaemonMetrics {
    /// A route's attempts that ended one way.
    struct Attempts {
        var count = Counter()
        var time = Histogram(.attempt)
    }

    var followersCut = Counter()
    /// By route and result.
    private(set) var attempts: [String: [String: Attempts]] = [:]

    mutating func attemptEnded(route: String, result: AttemptResult, took: Duration) {
        let word =
            switch result {
            case .confirmed: "confirmed"
            case .failed: "failed"
            case .rejected: "rejected"
            case .abandoned: "abandoned"
            }
        attempts[route, default: [:]][word, default: Attempts()].count.count()
        attempts[route, default: [:]][word, default: Attempts()].time.observe(took)
    }
}
