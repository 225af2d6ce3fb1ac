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

/// Why a configuration is not taken: every error in it at once, in the order of its lines.
package struct ConfigurationErrors: Error, Equatable, Sendable, CustomStringConvertible {
    /// The errors, at least one.
    package let errors: [ConfigurationProblem]

    /// What had to be warned of besides.
    package let warnings: [ConfigurationProblem]

    /// `first` and `others`, which are put in order.
    package init(
        _ first: ConfigurationProblem, _ others: [ConfigurationProblem] = [], warnings: [ConfigurationProblem] = []
    ) {
        errors = ([first] + others).inOrderOfLines()
        self.warnings = warnings.inOrderOfLines()
    }

    /// The error that the configuration file itself cannot be read; nil where it can.
    package init?(file: String, condition: FileCondition) {
        guard let complaint = condition.complaint else { return nil }
        self.init(ConfigurationProblem(.error, at: SourceLocation(file: file), complaint))
    }

    /// The errors, one a line.
    package var description: String { errors.map(\.description).joined(separator: "\n") }
}

/// Where in the configuration something was written, so that what turns out to be wrong with it later (a damaged PEM
/// file, say) is reported at the right line.
package struct SourceLocation: Hashable, Sendable, CustomStringConvertible {
    /// The name of the file, as it was given.
    package let file: String

    /// The line, from 1; nil where the file as a whole is meant, or a key that is not there.
    package let line: Int?

    /// The column, from 1; given for errors of syntax only.
    package let column: Int?

    /// The key, with its table: `server.endpoints`, `identity[2].user` (counted from 1); nil where no key is meant.
    package let key: String?

    /// A place in `file`; leave out what is not known.
    package init(file: String, line: Int? = nil, column: Int? = nil, key: String? = nil) {
        self.file = file
        self.line = line
        self.column = column
        self.key = key
    }

    /// `/etc/mpushd/mpushd.toml:4`, as compilers and editors write it.
    package var description: String {
        ([file] + [line, column].compactMap { $0 }.map(String.init)).joined(separator: ":")
    }
}
