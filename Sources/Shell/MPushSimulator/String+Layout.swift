import MPushTime

extension String {
    /// The text with nothing in it that a terminal obeys, and of a length that is bearable.
    func printable(maximumLength: Int = 200) -> String {
        let scalars = unicodeScalars.prefix(maximumLength).map { scalar in
            scalar.properties.generalCategory == .control ? "\u{FFFD}" : scalar
        }
        return String(String.UnicodeScalarView(scalars))
    }

    /// The text at the left of a column so wide.
    func padded(right width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count))
    }

    /// The text at the right of a column so wide.
    func padded(left width: Int, with filler: Character = " ") -> String {
        String(repeating: filler, count: max(0, width - count)) + self
    }
}

extension Duration {
    /// In seconds with three decimals, without the unit: `12.345`.
    var asSeconds: String {
        let milliseconds = wholeMilliseconds
        return "\(milliseconds / 1000).\("\(milliseconds % 1000)".padded(left: 3, with: "0"))"
    }
}
