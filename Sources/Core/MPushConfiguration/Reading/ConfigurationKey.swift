/// A key that a configuration may hold, as the reading code itself declares it.
package struct ConfigurationKey: Hashable, Sendable {
    /// What holds where the key is left out.
    package enum Absence: Hashable, Sendable {
        /// The configuration is not taken.
        case isAnError
        /// A value of the configuration's own.
        case hasDefault
        /// Nothing is set, or it follows from something else.
        case isNothing
    }

    /// `server.endpoints`; of all tables in `[[identity]]` alike `identity.user`.
    package let path: String

    /// What holds where the key is left out.
    package let absence: Absence

    /// When a change takes effect.
    package let effect: ChangeEffect

    /// Every key there is, in the order in which they are read: found by reading an empty file.
    package static let all: [ConfigurationKey] = {
        let context = ReadingContext(file: "", environment: NoEnvironment())
        _ = Configuration(reading: TOMLNode(value: .table([]), position: .start), in: context)
        return context.askedKeys
    }()

    private struct NoEnvironment: ConfigurationEnvironment {
        func variable(named name: String) -> String? { nil }
        func inspect(_ path: String) -> FileCondition { .missing }
        func group(named name: String) -> GroupCondition { .missing }
    }
}

/// What somebody who wrote an unknown key may have meant.
struct KeyGuess {
    /// A sentence to go with the error: `Did you mean server.endpoints?`
    let advice: String

    /// - Parameters:
    ///   - key: What was written.
    ///   - table: The table it was written in; empty at the top of the file.
    ///   - asked: The keys of that table.
    ///   - known: All keys of the configuration, with their tables.
    init(for key: String, in table: String, asked: Set<String>, known: [String]) {
        let near = KeyGuess.nearest(to: key, among: asked.sorted())
        let elsewhere = known.filter { $0.hasSuffix(".\(key)") }
        if let near {
            advice = "Did you mean \(KeyGuess.path(near, in: table))?"
        } else if elsewhere.count == 1, let path = elsewhere.first {
            advice = "Did you mean \(path)?"
        } else if asked.isEmpty {
            advice = "Leave it out."
        } else {
            advice = "\(table.isEmpty ? "There are" : "[\(table)] has") \(asked.sorted().joined(separator: ", "))."
        }
    }

    private static func path(_ key: String, in table: String) -> String {
        if table.isEmpty { return key == "route" ? "[[route]]" : "[\(key)]" }
        return "\(table).\(key)"
    }

    /// The candidate that `key` is a slip of the finger, or the first word, of.
    private static func nearest(to key: String, among candidates: [String]) -> String? {
        guard key.utf8.count <= 64 else { return nil }
        let allowed = max(1, min(3, key.utf8.count / 3))
        let distances = candidates.map { ($0, EditDistance.between(key, $0)) }
        let nearest = distances.filter { $0.1 <= allowed }.min { $0.1 < $1.1 }
        return nearest?.0 ?? candidates.first { $0.hasPrefix(key + "_") }
    }
}

/// How many slips of the finger lie between two words.
enum EditDistance {
    /// The least number of bytes inserted, deleted or replaced that turns `one` into `other` (Levenshtein).
    static func between(_ one: String, _ other: String) -> Int {
        let (rows, columns) = (Array(one.utf8), Array(other.utf8))
        var costs = Array(0...columns.count)
        for (row, byte) in rows.enumerated() {
            var diagonal = row
            costs[0] = row + 1
            for (column, candidate) in columns.enumerated() {
                let replaced = diagonal + (byte == candidate ? 0 : 1)
                diagonal = costs[column + 1]
                costs[column + 1] = min(replaced, diagonal + 1, costs[column] + 1)
            }
        }
        return costs[columns.count]
    }
}
