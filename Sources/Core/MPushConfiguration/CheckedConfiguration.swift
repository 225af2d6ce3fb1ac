/// A configuration that was found good, and what should be said about it all the same.
package struct CheckedConfiguration: Equatable, Sendable {
    /// The configuration.
    package let configuration: Configuration

    /// What to warn of, in the order of the lines.
    package let warnings: [ConfigurationProblem]
}
