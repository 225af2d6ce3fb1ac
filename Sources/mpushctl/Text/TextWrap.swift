/// Lines that fit on a terminal.
enum TextWrap {
    /// How many columns a text takes: colours take none.
    static func columns(of text: some StringProtocol) -> Int {
        var count = 0
        var isColour = false
        for character in text {
            if isColour {
                isColour = character != "m"
            } else if character == "\u{1b}" {
                isColour = true
            } else {
                count += 1
            }
        }
        return count
    }

    /// `line` in lines of at most `width` columns, broken between words; what goes on below is indented. A word that is longer
    /// than a line is left to the terminal.
    static func lines(_ line: String, to width: Int, indent: Int) -> [String] {
        guard columns(of: line) > width else { return [line] }
        var lines: [String] = []
        var current = ""
        var count = 0
        for (index, word) in line.split(separator: " ", omittingEmptySubsequences: false).enumerated() {
            let length = columns(of: word)
            if index == 0 {
                (current, count) = (String(word), length)
            } else if count + 1 + length <= width || count <= indent {
                current += " " + word
                count += 1 + length
            } else if length > 0 {
                lines.append(trimmed(current))
                current = String(repeating: " ", count: indent) + word
                count = indent + length
            }
        }
        return lines + [trimmed(current)]
    }

    private static func trimmed(_ line: String) -> String {
        String(line.reversed().drop { $0 == " " }.reversed())
    }
}
