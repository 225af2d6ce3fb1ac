import MPushConnection
import MPushJSON
import MPushModel
import MPushRouting
import NIOCore

extension BatchResult {
    /// The longest answer to a batch, in bytes: a line of 200 bytes for each of a thousand messages is a fifth of it.
    static let longestAnswer = 1 << 20

    /// What a webhook's answer means for the messages at `positions`, which it got together. Without `results` in a body of JSON
    /// it is for all of them, as for one:
    ///
    ///     {"results": [{"position": 7, "done": true}, {"position": 8, "retry": "busy", "after": 30},
    ///                  {"position": 9, "reject": "no such device"}]}
    ///
    /// A message that no result names, or more than one, is tried again.
    init(_ answer: HTTPAnswer, to positions: [MessagePosition], from url: String, at now: WallTime) {
        let whole = AttemptResult(answer, from: url, at: now)
        guard whole == .confirmed, answer.body.readableBytes > 0 else {
            self = .whole(whole)
            return
        }
        guard let body = try? JSONParser.parse(content: answer.body.readableBytesView) else {
            let isSaidToBeJSON = answer.field("Content-Type")?.lowercased().hasPrefix("application/json") == true
            // It may have said of some that it has not got them.
            self = .whole(
                isSaidToBeJSON
                    ? .failed("\(url): its answer is not the JSON that it says it is", retryAfter: nil) : .confirmed)
            return
        }
        guard let results = body["results"]?.array else {
            self = .whole(.confirmed)
            return
        }
        var byPosition: [MessagePosition: AttemptResult] = [:]
        for result in results {
            guard let position = result["position"]?.integer.map(MessagePosition.init(rawValue:)) else { continue }
            let isSecond = byPosition[position] != nil
            byPosition[position] =
                isSecond
                ? .failed("\(url): its answer names the message twice", retryAfter: nil)
                : AttemptResult(result, from: url)
        }
        let missing = AttemptResult.failed("\(url): its answer has no result for the message", retryAfter: nil)
        self = .each(positions.map { byPosition[$0] ?? missing })
    }
}

extension AttemptResult {
    /// A message's place among the results of a batch.
    fileprivate init(_ result: JSONValue, from url: String) {
        if let reason = result["reject"]?.string {
            self = .rejected("\(url): \(reason)")
        } else if let reason = result["retry"]?.string {
            let after = result["after"]?.number.flatMap { $0 >= 0 && $0 <= 86_400 ? Int64($0 * 1000) : nil }
            self = .failed("\(url): \(reason)", retryAfter: after.map { .milliseconds($0) })
        } else if result["done"]?.bool == true {
            self = .confirmed
        } else {
            self = .failed("\(url): its answer has none of done, retry and reject for the message", retryAfter: nil)
        }
    }
}
