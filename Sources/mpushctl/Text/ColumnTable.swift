import MPushModel

/// Rows in columns as wide as what stands in them; the last column takes what is left of the line, and goes on below.
struct ColumnTable {
    let head: [String]
    let width: Int
    let style: Style

    /// The lines, with `colour` put on the cells of each row.
    func lines(_ rows: [[String]], _ colour: (Int, Int, String) -> String = { $2 }) -> [String] {
        let widths = head.indices.dropLast().map { column in
            max(head[column].count, rows.map { $0[column].count }.max() ?? 0) + 2
        }
        let start = widths.reduce(0, +)
        let title = zip(head, widths).map { $0.padded(to: $1) }.joined() + (head.last ?? "")
        return [style.faint(title)]
            + rows.enumerated().flatMap { index, row in
                let cells = zip(row, widths).enumerated().map { column, cell in
                    colour(index, column, cell.0) + String(repeating: " ", count: max(0, cell.1 - cell.0.count))
                }
                let last = ColumnTable.wrapped(row.last ?? "", to: max(20, width - start))
                let gap = String(repeating: " ", count: start)
                return last.enumerated().map { number, text in
                    (number == 0 ? cells.joined() : gap) + colour(index, head.count - 1, text)
                }
            }
    }

    /// `text` in lines of at most `width` columns, broken between words where there are any.
    static func wrapped(_ text: String, to width: Int) -> [String] {
        var lines: [String] = []
        var line = ""
        for word in text.split(separator: " ", omittingEmptySubsequences: false) {
            if line.isEmpty {
                line = String(word)
            } else if line.count + 1 + word.count <= width {
                line += " " + word
            } else {
                lines.append(line)
                line = String(word)
            }
            while line.count > width {
                lines.append(String(line.prefix(width)))
                line = String(line.dropFirst(width))
            }
        }
        return lines + [line]
    }
}
