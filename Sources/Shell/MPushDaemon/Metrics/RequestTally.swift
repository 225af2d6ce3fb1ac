import MPushControl
import MPushSession

/// An identity's requests to the server, by what was asked.
struct RequestTally {
    /// Requests of one kind.
    struct Requests {
        /// By how they ended.
        var results: [String: Counter] = [:]
        var time = Histogram(.network)
    }

    private(set) var requests: [String: Requests] = [:]

    mutating func ended(_ request: String, _ outcome: RequestOutcome, took: Duration) {
        let word =
            switch outcome {
            case .done, .httpAnswer: "done"
            case .refused: "refused"
            case .timedOut: "timed-out"
            case .connectionLost: "connection-lost"
            case .notConnected, .tooLong, .tooMany: "not-sent"
            }
        requests[request, default: Requests()].results[word, default: Counter()].count()
        requests[request, default: Requests()].time.observe(took)
    }
}
