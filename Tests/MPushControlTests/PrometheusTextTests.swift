import MPushModel
import Testing

@testable import MPushControl

/// The text that Prometheus reads.
@Suite struct PrometheusTextTests {
    private var full: PrometheusText {
        var text = PrometheusText()
        var histogram = Histogram(.network)
        histogram.observe(.milliseconds(34))
        histogram.observe(.milliseconds(5))
        histogram.observe(.seconds(100))
        for metric in Metric.allCases {
            var labels: [MetricLabel: String] = [:]
            for label in metric.labels { labels[label] = "a \"quoted\" \\ name\nof \(label.rawValue), ü" }
            if metric.kind == .histogram { text.add(metric, labels, histogram) } else { text.add(metric, labels, 3) }
        }
        return text
    }

    @Test func everyMetricTogetherIsGoodGrammar() throws {
        let families = try ExpositionChecker.check(full.text)
        #expect(families == Metric.allCases.map(\.rawValue))
    }

    @Test func theCheckerSeesWhatIsWrong() {
        for bad in [
            "mpush_x 1\n", "# HELP a b\n# TYPE a gauge\na{b=\"c} 1\n", "# HELP a b\n# TYPE a gauge\na{b=\"\\x\"} 1\n",
            "# HELP a b\n# TYPE a gauge\na one\n", "# HELP a b\n# TYPE a gauge\na 1",
            "# HELP a b\n# TYPE a gauge\na 1\na 2\n",
            "# HELP a b\n# TYPE a counter\na 1\n", "# HELP a b\n# TYPE a sum\na 1\n",
            "# HELP a b\n# TYPE a histogram\na_bucket{le=\"1\"} 2\na_bucket{le=\"+Inf\"} 1\na_sum 1\na_count 1\n",
            "# HELP a b\n# TYPE a histogram\na_bucket{le=\"1\"} 1\na_sum 1\na_count 1\n",
        ] {
            #expect(throws: ExpositionChecker.Fault.self, "\(bad)") { try ExpositionChecker.check(bad) }
        }
    }

    @Test func samplesOfAMetricStandTogetherHoweverTheyCome() {
        var text = PrometheusText()
        text.add(.losses, [.identity: "a", .cause: "reset"], 1)
        text.add(.missedReads, [.identity: "a"], 2)
        text.add(.losses, [.identity: "b", .cause: "tls"], 3)
        #expect(throws: Never.self) { try ExpositionChecker.check(text.text) }
        #expect(
            text.text.contains(
                """
                mpush_connection_losses_total{identity="a",cause="reset"} 1
                mpush_connection_losses_total{identity="b",cause="tls"} 3

                """))
    }

    @Test func bucketsCountAllThatIsShorter() {
        var text = PrometheusText()
        var histogram = Histogram(.network)
        for milliseconds in [5, 6, 10, 40_000] { histogram.observe(.milliseconds(milliseconds)) }
        text.add(.roundTripTime, [.identity: "a"], histogram)
        #expect(text.text.contains(#"_bucket{identity="a",le="0.005"} 1"#))
        #expect(text.text.contains(#"_bucket{identity="a",le="0.01"} 3"#))
        #expect(text.text.contains(#"_bucket{identity="a",le="30.0"} 3"#))
        #expect(text.text.contains(#"_bucket{identity="a",le="+Inf"} 4"#))
        #expect(text.text.contains(#"_sum{identity="a"} 40.021"#))
        #expect(text.text.contains(#"_count{identity="a"} 4"#))
    }

    @Test func histogramsAddUp() {
        var (one, other, both) = (Histogram(.local), Histogram(.local), Histogram(.local))
        one.observe(.milliseconds(1))
        other.observe(.seconds(100))
        for time in [Duration.milliseconds(1), .seconds(100)] { both.observe(time) }
        one.add(other)
        #expect(one == both)
    }

    @Test func aLabelWithoutAValueIsLeftOut() {
        var text = PrometheusText()
        text.add(.losses, [.cause: "reset"], 1)
        text.add(.missedReads, [:], 2)
        #expect(text.text.contains("mpush_connection_losses_total{cause=\"reset\"} 1\n"))
        #expect(text.text.contains("mpush_missed_reads_total 2\n"))
    }

    @Test func namesFollowTheRules() throws {
        for metric in Metric.allCases {
            let name = metric.rawValue
            #expect(name.wholeMatch(of: /(mpush|process)_[a-z_]+/) != nil)
            #expect((metric.kind == .counter) == name.hasSuffix("_total"))
            if metric.kind == .histogram { #expect(name.hasSuffix("_seconds")) }
            #expect(!["_ms", "_milliseconds", "_kb", "_minutes"].contains { name.contains($0) })
            #expect(metric.help.hasSuffix("."))
        }
    }

    @Test func aCounterStaysAtItsEnd() {
        var counter = Counter()
        counter.count(.max)
        counter.count(2)
        #expect(counter.value == .max)
    }
}
