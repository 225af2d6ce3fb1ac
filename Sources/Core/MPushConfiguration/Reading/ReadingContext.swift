import MPushModel

/// What is gathered while one configuration is read: the problems, which keys were asked for, and a digest of their values.
final class ReadingContext {
    /// How many problems are kept; a file with more has other troubles than the rest of them.
    private static let mostProblems = 100

    let file: String
    let environment: any ConfigurationEnvironment

    private(set) var errors: [ConfigurationProblem] = []
    private(set) var warnings: [ConfigurationProblem] = []
    private(set) var askedKeys: [ConfigurationKey] = []
    var digest = ConfigurationDigest()
    private var askedPaths: Set<String> = []
    private var effective: [EffectiveValue] = []
    private var foundValues: Set<String> = []
    /// The keys whose defaults say nothing.
    private var withdrawn: Set<String> = []
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

    /// A value is in force. Of those that several readers ask for the first counts.
    func found(_ value: EffectiveValue) {
        if foundValues.insert("\(value.key) \(value.origin)").inserted { effective.append(value) }
    }

    /// The defaults of `keys` say nothing, because others beside them rule them out.
    func withdrawDefaults(of keys: Set<String>) {
        withdrawn.formUnion(keys)
    }

    /// What is in force, in the order in which it was found.
    var values: [EffectiveValue] {
        effective.filter { !($0.origin == .standard && withdrawn.contains($0.key)) }
    }

    /// To be called when everything was asked for: what is left over in the tables is unknown.
    func reportUnknownKeys() {
        let known = askedPaths.sorted()
        for table in tables { table.reportUnknownKeys(known: known) }
    }
}

/// The place of the value that is being read: what a format needs to say what is wrong there.
struct ReadingSite {
    let context: ReadingContext
    let location: SourceLocation

    /// The configuration is not taken: `message` says what is wrong and what would be right.
    func report(_ message: String) {
        context.report(ConfigurationProblem(.error, at: location, message))
    }

    /// The configuration is taken, but somebody should read `message`.
    func warn(_ message: String) {
        context.report(ConfigurationProblem(.warning, at: location, message))
    }

    /// `node` has another type than is wanted. `noun` says which that is, `example` is what to write.
    func reportType(of node: TOMLNode, wanted noun: String, example: String, isSecret: Bool = false) {
        report("\(isSecret ? "this" : node.shown) is \(node.typeName), not \(noun). Write \(example).")
    }

    /// The place of an entry of the table that stands here.
    func entry(_ entry: TOMLEntry) -> ReadingSite {
        let name = entry.key.shown(atMost: String.longestNamed)
        return ReadingSite(
            context: context,
            location: SourceLocation(
                file: entry.keyPosition.file ?? location.file, line: entry.keyPosition.line,
                key: location.key.map { "\($0).\(name)" } ?? name))
    }

    /// The place of element `index`, counted from 0, of the array that stands here.
    func element(_ index: Int, _ node: TOMLNode) -> ReadingSite {
        let key = location.key.map { "\($0)[\(index + 1)]" }
        return ReadingSite(
            context: context,
            location: SourceLocation(file: node.position.file ?? location.file, line: node.position.line, key: key))
    }
}
