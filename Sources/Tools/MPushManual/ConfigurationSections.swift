/// The commented example of the configuration as sections of a manual page.
///
/// Blocks of the file are parted by empty lines. In each, comments come first, and the keys that they are about after them;
/// a heading of a table begins a section.
package struct ConfigurationSections {
    private let text: String

    package init(_ text: String) {
        self.text = text
    }

    package var lines: [String] {
        var lines: [String] = []
        for block in text.split(separator: "\n\n") {
            let section = ConfigurationSections.section(block)
            lines += lines.isEmpty || section.first?.hasPrefix(".") == true ? section : [".PP"] + section
        }
        return lines
    }

    private static func section(_ block: Substring) -> [String] {
        var lines: [String] = []
        var comments: [String] = []
        var keys: [String] = []
        /// A `.TP` for the keys that were met, with the comments before them.
        func finish() {
            let said = comments.isEmpty ? [] : Roff.paragraphs(comments.joined(separator: "\n"))
            if keys.isEmpty {
                if !said.isEmpty { lines += (lines.last?.hasPrefix(".SS") == false ? [".PP"] : []) + said }
            } else {
                for (index, key) in keys.enumerated() { lines += [index == 0 ? ".TP" : ".TQ", key] }
                lines += said
            }
            comments = []
            keys = []
        }
        for line in block.split(separator: "\n") {
            if let heading = heading(line) {
                finish()
                lines.append(".SS " + Roff.escaped(heading))
            } else if let (key, value) = assignment(line) {
                keys.append("\(Roff.bold(key)) = \(Roff.escaped(value))")
            } else {
                if !keys.isEmpty { finish() }
                comments.append(String(line.drop { $0 == "#" }.dropFirst()))
            }
        }
        finish()
        return lines
    }

    /// `[server]`, and `#[[route]]` of an example.
    private static func heading(_ line: Substring) -> String? {
        let text = line.drop { $0 == "#" }
        return text.hasPrefix("[") && text.hasSuffix("]") ? String(text) : nil
    }

    /// `key = value`, and `#key = value` for what holds without it; a comment has a space behind its `#`.
    private static func assignment(_ line: Substring) -> (key: String, value: String)? {
        let text = line.hasPrefix("#") ? line.dropFirst() : line
        guard let sign = text.firstRange(of: " = ") else { return nil }
        let key = text[..<sign.lowerBound]
        guard !key.isEmpty, key.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "_" }) else { return nil }
        return (String(key), String(text[sign.upperBound...]))
    }
}
