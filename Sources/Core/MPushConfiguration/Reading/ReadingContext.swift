/// What is gathered while one configuration is read: the problems, and which keys were asked for.
final class ReadingContext {
    /// How many problems are kept; a file with more has other troubles than the rest of them.
    private static let mostProblems = 100

    let file: String
    let environment: any ConfigurationEnvironment

    private(set) var errors: [ConfigurationProblem] = []
    private(set) var warnings: [ConfigurationProblem] = []
    private(set) var askedKeys: [ConfigurationKey] = []
    private var askedPaths: Set<String> = []
    private var tables: [TableReader] = []

    init(file: String, environment: any ConfigurationEnvironment) {
        self.file = file
        self.environment = environment
    }

    func report(_ problem: ConfigurationProblem) {
        switch problem.severity {
        case .error where !isFull: errors.append(problem)
        case .warning where warnings.count < ReadingContext.mostProblems: warnings.append(problem)
        case .error, .warning: break
        }
    }

    /// Whether further errors would not be kept.
    var isFull: Bool { errors.count >= ReadingContext.mostProblems }

    func opened(_ table: TableReader) {
        tables.append(table)
    }

    func asked(_ key: ConfigurationKey) {
        if askedPaths.insert(key.path).inserted { askedKeys.append(key) }
    }

    /// To be called when everything was asked for: what is left over in the tables is unknown.
    func reportUnknownKeys() {
        let known = askedPaths.sorted()
        for table in tables { table.reportUnknownKeys(known: known) }
    }
}
