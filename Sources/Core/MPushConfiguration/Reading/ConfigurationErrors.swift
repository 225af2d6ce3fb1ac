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
