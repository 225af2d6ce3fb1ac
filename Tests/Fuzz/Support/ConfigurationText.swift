import MPushConfiguration

/// The fuzzer's input for the configuration: the bytes of a file.
package enum ConfigurationText {
    private static let fileName = "fuzz.toml"

    /// Reads `input` as a configuration, and looks at what is said about it.
    ///
    /// - Throws: What the configuration did that it must never do.
    package static func run(_ input: [UInt8]) throws(InvariantViolation) {
        let lines = input.count { $0 == UInt8(ascii: "\n") } + 1
        let result = Result { () throws(ConfigurationErrors) in
            try Configuration.parse(input, named: fileName, in: FakeMachine())
        }
        switch result {
        case .success(let checked):
            try require(!checked.configuration.identities.isEmpty, "a configuration without an identity is good")
            try check(checked.warnings, .warning, lines: lines)
        case .failure(let refusal):
            try require(!refusal.errors.isEmpty, "a configuration is refused without a reason")
            try check(refusal.errors, .error, lines: lines)
            try check(refusal.warnings, .warning, lines: lines)
        }
    }

    private static func check(
        _ problems: [ConfigurationProblem], _ severity: ConfigurationProblem.Severity, lines: Int
    ) throws(InvariantViolation) {
        try require(problems.count <= 100, "\(problems.count) problems")
        for problem in problems {
            try require(problem.severity == severity, "among the wrong problems: \(problem)")
            try check(problem.location, lines: lines)
            try checkText(problem)
        }
        let order = problems.map { $0.location.line ?? 0 }
        try require(order == order.sorted(), "problems out of order: lines \(order)")
    }

    private static func check(_ location: SourceLocation, lines: Int) throws(InvariantViolation) {
        try require(location.file == fileName, "a problem in the file \(location.file)")
        try require(
            location.line.map { (1...lines).contains($0) } ?? true, "a problem at \(location) of \(lines) lines")
        try require(location.column.map { $0 >= 1 } ?? true, "a problem at \(location)")
        try require(location.column == nil || location.line != nil, "a column without a line")
    }

    /// One line of a bounded length, fit for a journal and a terminal.
    private static func checkText(_ problem: ConfigurationProblem) throws(InvariantViolation) {
        let text = problem.description
        try require(!problem.message.isEmpty, "a problem without words at \(problem.location)")
        try require(text.utf8.count <= 4096, "a problem in \(text.utf8.count) bytes")
        let unprintable: Set<Unicode.GeneralCategory> = [.control, .format, .lineSeparator, .paragraphSeparator]
        let isPrintable = text.unicodeScalars.allSatisfy { !unprintable.contains($0.properties.generalCategory) }
        try require(isPrintable, "characters that disturb a terminal in \(text.debugDescription)")
    }
}
