import MPushModel

/// Reads the keys of one table by name and remembers which it was asked for: the reading code is the one list of keys.
///
/// A value that is wrong is reported and counts as absent, so that reading goes on to the next problem.
final class TableReader {
    /// It owns the readers of all tables, and outlives them.
    private unowned let context: ReadingContext
    private let name: String
    private let location: SourceLocation
    private let entries: [String: TOMLEntry]
    private let excusesMissing: Bool
    /// What tells this table from others of its name: the name or user in it; empty where there is one such table.
    private let element: String
    private var asked: Set<String> = []

    /// A reader of `entries`.
    ///
    /// - Parameters:
    ///   - name: The table's name in the list of keys: `identity`.
    ///   - location: Where the table stands, its name as people see it being the key: `identity[2]`.
    ///   - excusesMissing: Whether to say nothing of keys that are missing, because the table itself was found wrong.
    ///   - element: What tells the table from others of its name.
    init(
        name: String, at location: SourceLocation, entries: [TOMLEntry], in context: ReadingContext,
        excusesMissing: Bool = false, element: String = ""
    ) {
        self.excusesMissing = excusesMissing
        self.element = element
        self.name = name
        self.location = location
        self.context = context
        self.entries = Dictionary(entries.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
        context.opened(self)
    }

    /// The value of `key`; `standard` where it is absent.
    ///
    /// - Parameter effect: When a change of the value takes effect; so for the other two.
    func value<Value: Hashable>(
        _ key: String, takesEffect effect: ChangeEffect, _ format: ValueFormat<Value>, default standard: Value
    ) -> Value {
        let value = read(key, effect, format, .hasDefault) ?? standard
        foundDefault(key, format.write(standard))
        if value != standard { context.digest.add(value, of: "\(name).\(key)", in: element) }
        return value
    }

    /// The value of `key`; nil where it is absent.
    func optional<Value: Hashable>(
        _ key: String, takesEffect effect: ChangeEffect, _ format: ValueFormat<Value>
    ) -> Value? {
        let value = read(key, effect, format, .isNothing)
        if let value { context.digest.add(value, of: "\(name).\(key)", in: element) }
        return value
    }

    /// The value of `key`, whose absence is an error. `meaning` says what it is: `the user to bind`.
    func required<Value: Hashable>(
        _ key: String, takesEffect effect: ChangeEffect, _ format: ValueFormat<Value>, meaning: String
    ) -> Value? {
        let value = read(key, effect, format, .isAnError)
        if entries[key] == nil { reportMissing(key, meaning: meaning, example: format.example) }
        if let value { context.digest.add(value, of: "\(name).\(key)", in: element) }
        return value
    }

    /// What holds where `key` is absent, as TOML.
    func foundDefault(_ key: String, _ standard: String?) {
        guard entries[key] == nil, !excusesMissing, let standard else { return }
        context.found(EffectiveValue(key: path(of: key), value: standard, origin: .standard))
    }

    /// What holds for `key`, as TOML, by a variable of the process.
    func found(_ key: String, _ value: String, inVariable name: String) {
        context.found(EffectiveValue(key: path(of: key), value: value, origin: .variable(name)))
    }

    /// The defaults of `keys` are of no use beside the others of this table.
    func hasNoUse(for keys: Set<String>) {
        context.withdrawDefaults(of: Set(keys.map { path(of: $0) }))
    }

    /// `key` is absent and must not be.
    func reportMissing(_ key: String, meaning: String, example: String) {
        if excusesMissing { return }
        site(of: key).report("is missing: \(meaning). Write \(key) = \(example) in \(heading).")
    }

    /// Whether the table holds `key`, rightly written or not.
    func holds(_ key: String) -> Bool { entries[key] != nil }

    /// Whether the table is there at all, if only its heading.
    var isPresent: Bool { location.line != nil }

    /// Where the table stands, or would stand.
    var site: ReadingSite { ReadingSite(context: context, location: location) }

    /// Where `key` stands, or would stand: then it is the table's line.
    func site(of key: String) -> ReadingSite {
        ReadingSite(
            context: context,
            location: SourceLocation(
                file: entries[key]?.keyPosition.file ?? location.file,
                line: entries[key]?.keyPosition.line ?? location.line, key: path(of: key)))
    }

    /// The table of this name below this one; where it is absent, an empty one. What is
    /// no table is reported and read as an empty one.
    func table(_ key: String) -> TableReader {
        asked.insert(key)
        guard let entry = entries[key] else { return TableReader(absent: path(below: key), in: context) }
        guard case .table(let children) = entry.node.value else {
            site(of: key).reportType(
                of: entry.node, wanted: "a table", example: "[\(path(below: key))] on a line of its own")
            return TableReader(absent: path(below: key), in: context, excusesMissing: true)
        }
        return TableReader(
            name: path(below: key), at: site(of: key).location, entries: children, in: context, element: element)
    }

    /// The tables of this name: `[name]` once, or `[[name]]` once or more. Where there is none, an empty one that is
    /// absent.
    func tables(_ key: String) -> [TableReader] {
        guard let entry = entries[key], case .array(let elements) = entry.node.value else { return [table(key)] }
        asked.insert(key)
        if elements.isEmpty { site(of: key).report("is empty. Write one [[\(key)]] at least.") }
        return elements.enumerated().compactMap { index, element in
            let place = site(of: key).element(index, element)
            guard case .table(let children) = element.value else {
                place.reportType(of: element, wanted: "a table", example: "[[\(key)]] on a line of its own")
                return nil
            }
            return TableReader(
                name: key, at: place.location, entries: children, in: context, element: TableReader.title(of: children))
        }
    }

    /// The tables of this name, as `tables(_:)` finds them, where there may be none: then an absent one all the same, in
    /// which nothing is missed.
    func tablesIfAny(_ key: String) -> [TableReader] {
        if holds(key) { return tables(key) }
        asked.insert(key)
        return [TableReader(absent: path(below: key), in: context, excusesMissing: true)]
    }

    /// The key `key` of the table, as it is called: `route[2].exec`.
    func name(of key: String) -> String { path(of: key) }

    /// Reports what was never asked for, each with the nearest of `known` keys.
    func reportUnknownKeys(known: [String]) {
        let unknown = entries.values.filter { !asked.contains($0.key) }
        for entry in unknown.sorted(by: { $0.keyPosition < $1.keyPosition }) where !context.isFull {
            let guess = KeyGuess(for: entry.key, in: name, asked: asked, known: known)
            site(of: entry.key).report("no such \(entry.node.isTableLike ? "table" : "key"). \(guess.advice)")
        }
    }

    /// What a table of an array calls itself.
    private static func title(of entries: [TOMLEntry]) -> String {
        for key in ["name", "user"] {
            if case .string(let title) = entries.first(where: { $0.key == key })?.node.value { return title }
        }
        return ""
    }

    private convenience init(absent name: String, in context: ReadingContext, excusesMissing: Bool = false) {
        let location = SourceLocation(file: context.file, key: name)
        self.init(name: name, at: location, entries: [], in: context, excusesMissing: excusesMissing)
    }

    /// The name of the table `key` below this one, in the list of keys.
    private func path(below key: String) -> String { name.isEmpty ? key : "\(name).\(key)" }

    private var heading: String { location.key.map { $0.hasSuffix("]") ? "[[\(name)]]" : "[\($0)]" } ?? "the file" }

    private func path(of key: String) -> String {
        let shown = key.shown(atMost: String.longestNamed)
        return location.key.map { "\($0).\(shown)" } ?? shown
    }

    private func read<Value>(
        _ key: String, _ effect: ChangeEffect, _ format: ValueFormat<Value>, _ absence: ConfigurationKey.Absence
    ) -> Value? {
        asked.insert(key)
        context.asked(ConfigurationKey(path: "\(name).\(key)", absence: absence, effect: effect))
        guard let entry = entries[key] else { return nil }
        let site = site(of: key)
        var value = EffectiveValue(
            key: path(of: key), value: format.isWithheld ? nil : entry.node.toml, origin: .file(site.location))
        if format.isPath, case .string(let text) = entry.node.value { value.path = site.path(behind: text) }
        context.found(value)
        return format.read(entry.node, site)
    }
}

extension TOMLNode {
    /// A table, or an array of them.
    fileprivate var isTableLike: Bool {
        switch value {
        case .table: true
        case .array(let elements): elements.first.map { if case .table = $0.value { true } else { false } } ?? false
        default: false
        }
    }
}

extension TextPosition: Comparable {
    static func < (left: TextPosition, right: TextPosition) -> Bool {
        (left.line, left.column) < (right.line, right.column)
    }
}
