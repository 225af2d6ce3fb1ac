import MPushConfiguration

/// Gathers what is wrong with a configuration, so that all of it is reported at once.
final class ProblemCollector {
    private(set) var errors: [ConfigurationProblem] = []
    var warnings: [ConfigurationProblem]

    init(warnings: [ConfigurationProblem]) {
        self.warnings = warnings
    }

    /// The result of `work`, or nil where it failed, which is noted.
    func collect<Value>(_ work: () throws(ConfigurationProblem) -> Value) -> Value? {
        do {
            return try work()
        } catch {
            errors.append(error)
            return nil
        }
    }

    func report(_ problem: ConfigurationProblem) {
        errors.append(problem)
    }

    /// The errors; to be called where there are some.
    func asErrors() -> ConfigurationErrors {
        let unknown = ConfigurationProblem(.error, at: SourceLocation(file: "?"), "cannot be used")
        return ConfigurationErrors(errors.first ?? unknown, Array(errors.dropFirst()), warnings: warnings)
    }
}
