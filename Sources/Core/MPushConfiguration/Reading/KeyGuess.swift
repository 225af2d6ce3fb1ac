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
