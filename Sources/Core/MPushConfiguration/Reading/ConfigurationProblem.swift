/// Something about a configuration that has to be said: where, and what would be right.
package struct ConfigurationProblem: Error, Hashable, Sendable, CustomStringConvertible {
    /// Whether the daemon can run in spite of it.
    package enum Severity: Hashable, Sendable {
        /// The configuration is not taken.
        case error
        /// The configuration is taken; somebody should read this.
        case warning
    }

    /// Whether the configuration is taken in spite of it.
    package let severity: Severity

    /// Where it was written, or should have been.
    package let location: SourceLocation

    /// What is wrong and what would be right, in a sentence or two. It never holds a secret.
    package let message: String

    /// A problem at `location`.
    package init(_ severity: Severity, at location: SourceLocation, _ message: String) {
        self.severity = severity
        self.location = location
        self.message = message
    }

    /// One line: `/etc/mpushd/mpushd.toml:4: server.endpoint: no such key. Did you mean server.endpoints?`
    package var description: String {
        let parts = ["\(location)", severity == .warning ? "warning" : nil, location.key, message]
        return parts.compactMap { $0 }.joined(separator: ": ")
    }
}

extension [ConfigurationProblem] {
    /// In the order of the file; what has no line comes first, and equals keep their order.
    func inOrderOfLines() -> [ConfigurationProblem] {
        enumerated()
            .sorted { ($0.element.location.line ?? 0, $0.offset) < ($1.element.location.line ?? 0, $1.offset) }
            .map(\.element)
    }
}
