package import MPushModel

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

/// The grammar of durations: what is accepted, and what is understood well enough to say how it is written.
struct DurationSyntax {
    /// What the configuration accepts.
    static let strict = DurationSyntax(
        isLenient: false,
        milliseconds: ["d": 86_400_000, "h": 3_600_000, "min": 60_000, "m": 60_000, "s": 1000, "ms": 1])

    /// What people write: spaces, capitals, words, any order.
    static let lenient = DurationSyntax(
        isLenient: true,
        milliseconds: strict.milliseconds.merging(
            [
                "days": 86_400_000, "day": 86_400_000,
                "hours": 3_600_000, "hour": 3_600_000, "hrs": 3_600_000, "hr": 3_600_000,
                "minutes": 60_000, "minute": 60_000, "mins": 60_000,
                "seconds": 1000, "second": 1000, "secs": 1000, "sec": 1000,
                "milliseconds": 1, "millisecond": 1, "msecs": 1, "msec": 1,
            ],
            uniquingKeysWith: { first, _ in first }))

    /// The units of a canonical spelling, the largest first, in milliseconds.
    static let wholeUnits: [(symbol: String, size: Int64)] = [
        ("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1),
    ]

    /// No longer text is looked at.
    private static let longestText = 32

    private let isLenient: Bool
    private let milliseconds: [String: Int64]

    /// The sum that `text` spells; nil where it spells none, or one beyond 292 years.
    func duration(_ text: String) -> Duration? {
        guard text.utf8.count <= DurationSyntax.longestText else { return nil }
        var rest = (isLenient ? text.lowercased() : text)[...]
        var sum: Int64 = 0
        var lastUnit = Int64.max
        repeat {
            guard let (microseconds, unit) = term(&rest), isLenient || unit < lastUnit else { return nil }
            lastUnit = unit
            let (next, overflow) = sum.addingReportingOverflow(microseconds)
            if overflow { return nil }
            sum = next
        } while !rest.isEmpty
        return .microseconds(sum)
    }

    /// Takes a number and its unit off the front of `rest`. The value is in microseconds, the unit in milliseconds.
    private func term(_ rest: inout Substring) -> (microseconds: Int64, unit: Int64)? {
        let whole = take(&rest, while: \.isDigit)
        var decimals = Substring()
        if rest.hasPrefix(".") {
            rest.removeFirst()
            decimals = take(&rest, while: \.isDigit)
            guard (1...3).contains(decimals.utf8.count) else { return nil }
        }
        skipSpaces(&rest)
        guard let unit = milliseconds[String(take(&rest, while: \.isLetter))] else { return nil }
        skipSpaces(&rest)
        let thousandths = decimals + String(repeating: "0", count: 3 - decimals.utf8.count)
        guard !whole.isEmpty, let number = Int64(whole + thousandths) else { return nil }
        let (microseconds, overflow) = number.multipliedReportingOverflow(by: unit)
        return overflow ? nil : (microseconds, unit)
    }

    private func take(_ rest: inout Substring, while belongs: (UInt8) -> Bool) -> Substring {
        let end = rest.utf8.firstIndex { !belongs($0) } ?? rest.endIndex
        defer { rest = rest[end...] }
        return rest[..<end]
    }

    private func skipSpaces(_ rest: inout Substring) {
        if isLenient { rest = rest.drop { $0 == " " } }
    }
}
