/// The commented example of the configuration as sections of a manual page.
///
/// Blocks of the file are parted by empty lines. In each, comments come first, and the keys that they are about after them;
/// a heading of a table begins a section. When a change takes effect follows each key.
package struct ConfigurationSections {
    private let text: String
    private let effects: [String: String]

    /// - Parameter effects: for each key, with its table, a sentence that says when a change takes effect.
    package init(_ text: String, effects: [String: String]) {
        self.text = text
        self.effects = effects
    }

    package var lines: [String] {
        var lines: [String] = []
        var table = ""
        for block in text.split(separator: "\n\n") {
            let section = section(block, in: &table)
            lines += lines.isEmpty || section.first?.hasPrefix(".") == true ? section : [".PP"] + section
        }
        return lines
    }

    /// The lines of one block, which stands in `table` or names the next one.
    private func section(_ block: Substring, in table: inout String) -> [String] {
        var lines: [String] = []
        var comments: [String] = []
        var keys: [(name: String, line: String)] = []
        /// A `.TP` for the keys that were met, with the comments before them.
        func finish() {
            let said = comments.isEmpty ? [] : Roff.paragraphs(comments.joined(separator: "\n"))
            if keys.isEmpty {
                if !said.isEmpty { lines += (lines.last?.hasPrefix(".SS") == false ? [".PP"] : []) + said }
            } else {
                for (index, key) in keys.enumerated() { lines += [index == 0 ? ".TP" : ".TQ", key.line] }
                lines += said + effectLines(of: keys.map(\.name), in: table)
            }
            comments = []
            keys = []
        }
        for line in block.split(separator: "\n") {
            if let heading = ConfigurationSections.heading(line) {
                finish()
                table = heading.filter { $0 != "[" && $0 != "]" }
                lines.append(".SS " + Roff.escaped(heading))
            } else if let (key, value) = ConfigurationSections.assignment(line) {
                keys.append((key, "\(Roff.bold(key)) = \(Roff.escaped(value))"))
            } else {
                if !keys.isEmpty { finish() }
                comments.append(String(line.drop { $0 == "#" }.dropFirst()))
            }
        }
        finish()
        return lines
    }

    /// What there is to say of keys that share an entry: one sentence where they are alike, else one for each.
    private func effectLines(of keys: [String], in table: String) -> [String] {
        let sentences = keys.map { effects["\(table).\($0)"] }
        if Set(sentences).count <= 1 { return sentences.prefix(1).compactMap(\.self) }
        return zip(keys, sentences).flatMap { key, sentence in
            sentence.map { [".br", "\(Roff.bold(key)): \($0)"] } ?? []
        }
    }

    /// `[server]`, and `#[[route]]` of an example.
    static func heading(_ line: Substring) -> String? {
        let text = line.drop { $0 == "#" }
        return text.hasPrefix("[") && text.hasSuffix("]") ? String(text) : nil
    }

    /// `key = value`, and `#key = value` for what holds without it; a comment has a space behind its `#`.
    static func assignment(_ line: Substring) -> (key: String, value: String)? {
        let text = line.hasPrefix("#") ? line.dropFirst() : line
        guard let sign = text.firstRange(of: " = ") else { return nil }
        let key = text[..<sign.lowerBound]
        guard !key.isEmpty, key.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "_" }) else { return nil }
        return (String(key), String(text[sign.upperBound...]))
    }
}
