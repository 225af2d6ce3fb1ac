import MPushConnection
import MPushModel

extension AttemptResult {
    /// What a webhook's answer means for the message (RFC 9110 section 15): 2xx confirms; what may pass (408, 425, 429, 5xx)
    /// is tried again; all else would be answered so again.
    init(_ answer: HTTPAnswer, from url: String, at now: WallTime) {
        let words = answer.reason.isEmpty ? "\(answer.status)" : "\(answer.status) \(answer.reason)"
        switch answer.status {
        case 200...299: self = .confirmed
        case 408, 425, 429, 500...599:
            let wait = answer.field("Retry-After").flatMap { RetryAfter.wait(in: $0, at: now) }
            self = .failed("\(url) answered \(words)", retryAfter: wait)
        case 300...399:
            let place = answer.field("Location").map { " to \($0)" } ?? ""
            self = .rejected("\(url) answered \(words)\(place): redirects are not followed, so write the right url")
        default: self = .rejected("\(url) answered \(words)")
        }
    }
}
