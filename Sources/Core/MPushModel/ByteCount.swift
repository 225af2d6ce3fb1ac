/// Sizes as the configuration spells them: `512`, `10KiB`, `1MiB`. They are counted in bytes.
package enum ByteCount {
    /// Reads a whole number and B, KiB, MiB or GiB; without a unit it counts bytes.
    package static func parse(_ text: String) throws(Misspelling) -> Int {
        let digits = text.utf8.prefix { $0.isDigit }
        let unit = String(text.utf8.dropFirst(digits.count)) ?? ""
        guard !digits.isEmpty, let size = size(ofUnit: unit) else { throw misspelling(of: text) }
        guard let number = Int(String(digits) ?? ""), let bytes = number.multipliedIfFits(by: size) else {
            throw Misspelling("is too large for any limit here")
        }
        return bytes
    }

    /// The spelling with the largest unit that leaves a whole number.
    package static func spelled(_ bytes: Int) -> String {
        let unit = units.last { bytes >= $0.size && bytes.isMultiple(of: $0.size) }
        return unit.map { "\(bytes / $0.size)\($0.symbol)" } ?? "\(bytes)B"
    }

    private static let units: [(symbol: String, size: Int)] = [
        ("B", 1), ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30),
    ]

    private static func size(ofUnit symbol: String) -> Int? {
        symbol.isEmpty ? 1 : units.first { $0.symbol == symbol }?.size
    }

    /// Says how `text` is written, where its first letters tell what is meant.
    private static func misspelling(of text: String) -> Misspelling {
        let plain = text.lowercased().filter { $0 != " " }
        let digits = plain.utf8.prefix { $0.isDigit }
        let unit = String(plain.utf8.dropFirst(digits.count)) ?? ""
        let isKnown = ["", "b", "k", "kb", "kib", "m", "mb", "mib", "g", "gb", "gib"].contains(unit)
        guard !digits.isEmpty, isKnown,
            let symbol = units.first(where: { $0.symbol.lowercased().first == (unit.first ?? "b") })
        else { return Misspelling("is not a size. Write a whole number and B, KiB, MiB or GiB: 4KiB or 1MiB") }
        let number = String(digits) ?? ""
        let steps = symbol.size > 1 ? " (KiB, MiB and GiB count in steps of 1024)" : ""
        return Misspelling("is not a size. Write \(number)\(symbol.symbol)\(steps)")
    }
}

extension Int {
    fileprivate func multipliedIfFits(by factor: Int) -> Int? {
        let (product, overflow) = multipliedReportingOverflow(by: factor)
        return overflow ? nil : product
    }
}

/// Why a text does not spell the value that is wanted.
package struct Misspelling: Error, Hashable, Sendable {
    /// What follows the quoted text in an error message: `is not a duration. Write 300s or 5m`.
    package let message: String

    /// A reason that reads on from the quoted text.
    package init(_ message: String) {
        self.message = message
    }
}
