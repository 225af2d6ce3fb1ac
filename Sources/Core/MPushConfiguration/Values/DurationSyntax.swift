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
