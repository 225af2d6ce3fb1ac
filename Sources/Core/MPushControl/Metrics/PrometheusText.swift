import MPushModel

/// Samples as text for Prometheus ("Exposition formats", text format 0.0.4): each metric with its help and type once,
/// followed by all of its samples, in the order of the closed list.
package struct PrometheusText: Sendable {
    private var samples: [Metric: String] = [:]

    package init() {}

    /// The text so far. Metrics without a sample are left out.
    package var text: String {
        var text = ""
        for metric in Metric.allCases {
            guard let samples = samples[metric] else { continue }
            text += "# HELP \(metric.rawValue) \(metric.help)\n# TYPE \(metric.rawValue) \(metric.kind.rawValue)\n"
            text += samples
        }
        return text
    }

    /// A sample of a counter or gauge. Labels that the metric does not have are left out, and so are those without a value.
    package mutating func add(_ metric: Metric, _ labels: [MetricLabel: String] = [:], _ value: some BinaryInteger) {
        append(metric, metric.rawValue, labels, nil, String(value))
    }

    /// A sample that is no whole number.
    package mutating func add(_ metric: Metric, _ labels: [MetricLabel: String] = [:], _ value: Double) {
        append(metric, metric.rawValue, labels, nil, PrometheusText.number(value))
    }

    /// A sample of a counter.
    package mutating func add(_ metric: Metric, _ labels: [MetricLabel: String] = [:], _ counter: Counter) {
        add(metric, labels, counter.value)
    }

    /// The samples of a histogram: its buckets, each with all that are shorter, its sum and its count.
    package mutating func add(_ metric: Metric, _ labels: [MetricLabel: String] = [:], _ histogram: Histogram) {
        var sum: UInt64 = 0
        let bounds = histogram.buckets.bounds.map { PrometheusText.number($0.inSeconds) } + ["+Inf"]
        for (bound, count) in zip(bounds, histogram.counts) {
            sum &+= count
            append(metric, metric.rawValue + "_bucket", labels, bound, String(sum))
        }
        append(metric, metric.rawValue + "_sum", labels, nil, PrometheusText.number(histogram.sum.inSeconds))
        append(metric, metric.rawValue + "_count", labels, nil, String(sum))
    }

    private mutating func append(
        _ metric: Metric, _ name: String, _ labels: [MetricLabel: String], _ bound: String?, _ value: String
    ) {
        var pairs = metric.labels.compactMap { label in
            labels[label].map { "\(label.rawValue)=\"\(PrometheusText.escaped($0))\"" }
        }
        if let bound { pairs.append("le=\"\(bound)\"") }
        let shown = pairs.isEmpty ? "" : "{\(pairs.joined(separator: ","))}"
        samples[metric, default: ""] += "\(name)\(shown) \(value)\n"
    }

    private static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        guard value.isFinite else { return value < 0 ? "-Inf" : "+Inf" }
        return "\(value)"
    }

    /// Backslash, quote and line feed are escaped; nothing else need be.
    private static func escaped(_ text: String) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\": escaped += "\\\\"
            case "\"": escaped += "\\\""
            case "\n": escaped += "\\n"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
