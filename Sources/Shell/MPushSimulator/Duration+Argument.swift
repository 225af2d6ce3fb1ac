extension Duration {
    private static let units: [(suffix: String, milliseconds: Int64)] = [
        ("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000),
    ]

    /// The duration that `text` spells: a whole number and a unit, `500ms`, `2s`, `3m`, `1h`, `-5s`; or a bare `0`. Nil
    /// where it spells none, or more than a day.
    package init?(argument text: String) {
        if text == "0" {
            self = .zero
            return
        }
        guard let unit = Self.units.first(where: { text.hasSuffix($0.suffix) }),
            let number = Int64(text.dropLast(unit.suffix.count)), abs(number.clamped) <= 86_400_000 / unit.milliseconds
        else { return nil }
        self = .milliseconds(number * unit.milliseconds)
    }
}

extension Int64 {
    /// This number, away from the smallest of all, which has no magnitude.
    fileprivate var clamped: Int64 { Swift.max(self, -.max) }
}
