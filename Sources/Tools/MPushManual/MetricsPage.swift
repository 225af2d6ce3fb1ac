import MPushControl
import MPushModel

/// docs/metrics.md: every metric with what it says of itself.
package struct MetricsPage {
    /// A part of the page: its heading, and which metrics it has.
    private struct Part {
        let heading: String
        let prefixes: [String]
    }

    private static let parts = [
        Part(heading: "The program", prefixes: ["mpush_build_", "process_", "mpush_client_certificate_"]),
        Part(
            heading: "Connections",
            prefixes: ["mpush_connection", "mpush_heartbeat", "mpush_missed_", "mpush_ping_", "mpush_server_"]),
        Part(heading: "Messages", prefixes: ["mpush_message"]),
        Part(heading: "The inbox", prefixes: ["mpush_inbox_"]),
        Part(heading: "Routes", prefixes: ["mpush_route_"]),
    ]

    private static let head = """
        # Metrics

        `mpushctl metrics` prints them, and so does the local API, for Prometheus (text format 0.0.4):

        ```sh
        mpushctl metrics
        curl --unix-socket /run/mpushd/mpushd.sock http://mpushd/metrics
        ```

        [Several machines](fleet.md) says how Prometheus gets them, and has alerts. A counter only grows, and begins at 0 when the
        daemon starts. A histogram has its samples at `_bucket` (with the label `le`), `_sum` and `_count`. A metric without
        samples is left out, such as those of routes where there are none.

        """

    package init() {}

    package var text: String {
        var page = Self.head
        var others = Metric.allCases
        for part in Self.parts {
            let members = others.filter { metric in part.prefixes.contains { metric.rawValue.hasPrefix($0) } }
            others.removeAll { members.contains($0) }
            page += table(part.heading, members)
        }
        return page + table("Followers and requests", others) + labels
    }

    private func table(_ heading: String, _ metrics: [Metric]) -> String {
        guard !metrics.isEmpty else { return "" }
        let rows = metrics.map { metric in
            let labels = metric.labels.map { "`\($0.rawValue)`" }.joined(separator: ", ")
            return "| `\(metric.rawValue)` | \(metric.kind.rawValue) | \(labels) | \(metric.help) |\n"
        }
        return "\n## \(heading)\n\n| Metric | Kind | Labels | Meaning |\n|---|---|---|---|\n" + rows.joined()
    }

    private var labels: String {
        let rows = MetricLabel.allCases.map { "| `\($0.rawValue)` | \(Self.meaning(of: $0)) |\n" }
        return "\n## Labels\n\n| Label | Values |\n|---|---|\n" + rows.joined()
    }

    private static let results: [AttemptResult] = [
        .confirmed, .failed("", retryAfter: nil), .unavailable(""), .rejected(""), .postponed(""), .abandoned,
    ]

    private static func meaning(of label: MetricLabel) -> String {
        switch label {
        case .identity: "the name of an identity"
        case .route: "the name of a route"
        case .state: "the state of a connection: " + list(ConnectionState.allCases.map(\.rawValue))
        case .cause: "a cause of a loss ([causes](causes.md) explains each): " + list(LossCause.allCodes)
        case .result:
            "how it ended. Attempts of routes: " + list(results.map(\.word)) + ". Requests: "
                + list(["done", "refused", "timed-out", "connection-lost", "not-sent"])
        case .request: "what was asked of the server: " + list(["push", "http", "bind", "unbind", "tags"])
        case .version: "the version of the program"
        }
    }

    private static func list(_ words: [String]) -> String { words.map { "`\($0)`" }.joined(separator: ", ") }
}
