/// Text for man(7).
enum Roff {
    /// `text` so that roff shows it as it is: hyphens stay hyphens, and no line is taken for a request.
    static func escaped(_ text: String) -> String {
        var result = ""
        for character in text {
            switch character {
            case "\\": result += "\\e"
            case "-": result += "\\-"
            case "…": result += "..."
            default: result.append(character)
            }
        }
        let lines = result.split(separator: "\n", omittingEmptySubsequences: false)
        return lines.map { $0.hasPrefix(".") || $0.hasPrefix("'") ? "\\&\($0)" : String($0) }.joined(separator: "\n")
    }

    static func bold(_ text: String) -> String { "\\fB\(escaped(text))\\fR" }
    static func italic(_ text: String) -> String { "\\fI\(escaped(text))\\fR" }

    /// Paragraphs, which an empty line parts; what is indented in them stays as it is.
    static func paragraphs(_ text: String) -> [String] {
        var lines: [String] = []
        var isKept = false
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("  ") != isKept, !line.isEmpty {
                lines.append(isKept ? ".fi" : ".nf")
                isKept.toggle()
            }
            lines.append(line.isEmpty ? ".PP" : escaped(String(line)))
        }
        return lines + (isKept ? [".fi"] : [])
    }
}
