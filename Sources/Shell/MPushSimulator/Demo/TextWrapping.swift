/// Breaks text into lines for a terminal.
package enum TextWrapping {
    /// The lines of `text`, none of them longer than `width` characters: broken at a space, else after a comma, else where
    /// the width ends. Nil or a width without room breaks nothing.
    package static func lines(of text: String, width: Int?) -> [String] {
        guard let width, width > 0 else { return [text] }
        var lines: [String] = []
        var rest = text[...]
        while let limit = rest.index(rest.startIndex, offsetBy: width, limitedBy: rest.endIndex), limit < rest.endIndex
        {
            let cut = breakPoint(in: rest, limit)
            lines.append(String(rest[..<cut]))
            rest = rest[cut...].drop { $0 == " " }
        }
        return rest.isEmpty && !lines.isEmpty ? lines : lines + [String(rest)]
    }

    /// Where the line that begins `text` and may reach to `limit` ends.
    private static func breakPoint(in text: Substring, _ limit: Substring.Index) -> Substring.Index {
        let line = text[..<limit]
        if text[limit] == " " { return limit }
        if let space = line.lastIndex(of: " "), space > text.startIndex { return space }
        if let comma = line.lastIndex(of: ",") { return line.index(after: comma) }
        return limit
    }
}
