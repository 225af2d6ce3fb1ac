/// Holds text to the grammar of Prometheus' text format 0.0.4, and to what its own reader asks for beside it.
enum ExpositionChecker {
    struct Fault: Error {
        let line: String
        let what: String
    }

    /// Gives the names of the metrics, in their order.
    @discardableResult
    static func check(_ text: String) throws -> [String] {
        guard text.isEmpty || text.hasSuffix("\n") else { throw Fault(line: text, what: "no line feed at the end") }
        var families: [String] = []
        var kinds: [String: Substring] = [:]
        var helped: Set<Substring> = []
        var seen: Set<Substring> = []
        var buckets: [String: [Double]] = [:]
        var counts: [String: Double] = [:]
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
            func fail(_ what: String) -> Fault { Fault(line: String(line), what: what) }
            if let help = line.wholeMatch(of: /# HELP ([a-zA-Z_:][a-zA-Z0-9_:]*) [^\n]+/) {
                guard helped.insert(help.1).inserted else { throw fail("HELP twice") }
            } else if let type = line.wholeMatch(of: /# TYPE ([a-zA-Z_:][a-zA-Z0-9_:]*) (counter|gauge|histogram)/) {
                guard kinds.updateValue(type.2, forKey: String(type.1)) == nil else { throw fail("TYPE twice") }
                families.append(String(type.1))
            } else if let sample = line.wholeMatch(of: /([a-zA-Z_:][a-zA-Z0-9_:]*)(\{.*\})? ([^ ]+)/) {
                guard let family = families.last, let kind = kinds[family] else { throw fail("no TYPE before") }
                guard let value = Double(sample.3.replacing("Inf", with: "inf")) else { throw fail("no number") }
                guard seen.insert(line.dropLast(sample.3.count)).inserted else { throw fail("twice") }
                let labels = try labels(sample.2.map { $0.dropFirst().dropLast() } ?? "", of: line)
                let suffix = sample.1.dropFirst(family.count)
                guard sample.1.hasPrefix(family) else { throw fail("not of \(family)") }
                let key = family + labels.filter { $0.0 != "le" }.map { "\($0.0)=\($0.1)" }.joined(separator: ",")
                switch (kind, suffix) {
                case ("counter", ""):
                    guard family.hasSuffix("_total") else { throw fail("a counter without _total") }
                case ("gauge", ""), ("histogram", "_sum"): break
                case ("histogram", "_bucket"):
                    guard labels.contains(where: { $0.0 == "le" }) else { throw fail("no le") }
                    guard buckets[key]?.last ?? 0 <= value else { throw fail("a bucket with less than the one before") }
                    buckets[key, default: []].append(value)
                    if labels.contains(where: { $0.0 == "le" && $0.1 == "+Inf" }) { counts[key] = value }
                case ("histogram", "_count"):
                    guard counts[key] == value else { throw fail("not as many as in the bucket +Inf") }
                default: throw fail("no such sample of a \(kind)")
                }
            } else {
                throw fail("no line of the format")
            }
        }
        return families
    }

    private static func labels(_ text: Substring, of line: Substring) throws -> [(Substring, Substring)] {
        var labels: [(Substring, Substring)] = []
        var rest = text
        while !rest.isEmpty {
            guard let label = rest.prefixMatch(of: /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"(,|$)/) else {
                throw Fault(line: String(line), what: "bad labels")
            }
            labels.append((label.1, label.2))
            rest = rest[label.range.upperBound...]
        }
        return labels
    }
}
