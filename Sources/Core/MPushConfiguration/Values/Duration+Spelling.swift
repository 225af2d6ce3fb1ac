import MPushTime

/// Durations as the configuration spells them: numbers with a unit, `30s`, `1.5s`, `1h30m`.
extension Duration {
    /// Reads numbers with a unit each, the larger units first and without spaces; at most three decimals.
    package init(parsing text: String) throws(Misspelling) {
        if let duration = DurationSyntax.strict.duration(text) {
            self = duration
            return
        }
        if let meant = DurationSyntax.lenient.duration(text) {
            throw Misspelling("is not a duration. Write \(meant.spellings.joined(separator: " or "))")
        }
        if let seconds = UInt32(text) {
            throw Misspelling(
                "has no unit. Write \(Duration.seconds(Int64(seconds)).spellings.joined(separator: " or "))")
        }
        throw Misspelling("is not a duration. Write a number and ms, s, m, h or d: 30s, 1.5s or 1h30m")
    }

    /// The shortest spelling: `90s` is `1m30s`. Parts below a millisecond are left out.
    package var spelled: String {
        var rest = wholeMilliseconds
        var text = ""
        for (symbol, size) in DurationSyntax.wholeUnits where rest >= size {
            text += "\(rest / size)\(symbol)"
            rest %= size
        }
        return text.isEmpty ? "0s" : text
    }

    /// The ways to write it that a person may have meant: in seconds, and in larger units.
    private var spellings: [String] {
        let (seconds, attoseconds) = components
        return attoseconds == 0 && "\(seconds)s" != spelled ? ["\(seconds)s", spelled] : [spelled]
    }
}
