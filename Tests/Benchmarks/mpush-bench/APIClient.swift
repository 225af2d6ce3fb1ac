/// Asks the daemon's local API, as much as the benchmarks need.
struct APIClient {
    let path: String

    /// The value of a metric without labels.
    func metric(_ name: String) throws -> Double {
        let stream = try APIStream(path: path, asking: "/metrics", isLast: true)
        let line = try stream.readLine(with: "\n\(name) ").split(separator: "\n").last { $0.hasPrefix("\(name) ") }
        guard let value = line.flatMap({ Double($0.dropFirst(name.count + 1)) }) else {
            throw BenchError("\(name) is not among the metrics")
        }
        return value
    }

    func follow(_ target: String) throws -> APIStream {
        let stream = try APIStream(path: path, asking: target, isLast: false)
        try stream.readLine(with: "200 OK")
        return stream
    }
}
