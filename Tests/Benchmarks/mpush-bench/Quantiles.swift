/// Times in milliseconds: half of all are at or below the median, 99 of a hundred at or below the other.
struct Quantiles: Encodable {
    let median: Double
    let p99: Double

    init(median: Double, p99: Double) {
        self.median = median
        self.p99 = p99
    }

    init(_ times: [Duration]) {
        let sample = Sample(times.map(\.milliseconds))
        self.init(median: sample.median, p99: sample.quantile(0.99))
    }

    var text: [String] { [Figure.short(median), Figure.short(p99)] }
}
