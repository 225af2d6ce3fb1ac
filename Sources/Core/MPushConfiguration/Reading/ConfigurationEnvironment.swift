/// What a configuration may ask of the machine while it is read. The daemon answers from the machine, tests from a
/// table.
package protocol ConfigurationEnvironment {
    /// The value of an environment variable; nil where it is not set.
    func variable(named name: String) -> String?

    /// What lies at `path`, with symbolic links followed. Nothing is read from it.
    func inspect(_ path: String) -> FileCondition

    /// What is known of the group of this name, or of this number in decimal digits.
    func group(named name: String) -> GroupCondition
}
