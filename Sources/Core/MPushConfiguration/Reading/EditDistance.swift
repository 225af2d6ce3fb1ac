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
