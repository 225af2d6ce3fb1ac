/// `[metrics]`: what the metrics show.
package struct MetricsSettings: Equatable, Sendable {
    /// Whether each identity has series of its own; else there are those of all together.
    package var isPerIdentity = true

    package init() {}
}

extension MetricsSettings {
    init(reading table: TableReader) {
        isPerIdentity = table.value("per_identity", takesEffect: .atOnce, .flag, default: isPerIdentity)
    }
}
