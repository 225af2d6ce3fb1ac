/// Counts the dots that stand outside of strings and comments, line by line.
///
/// toml++ 3.3 makes one table of each part of a dotted key and frees them recursively, without a bound: a key of some
/// ten thousand parts overflows the stack. A key cannot span lines, so a bound on the dots of a line bounds its parts.
struct DottedKeyScan {
    /// How many dots a line may have outside of strings and comments; a table written on one line
    /// may hold many keys with a dot each.
    static let mostDots = 64

    /// The number of the first line with more than `mostDots` dots; nil where there is none.
    ///
    /// The answer is exact up to the first syntax error, where the parser stops as well.
    static func lineWithTooManyDots(in text: [UInt8]) -> Int? {
        var scan = DottedKeyScan()
        var rest = text[...]
        while !rest.isEmpty {
            rest.removeFirst(scan.step(over: rest))
            if scan.dots > mostDots { return scan.line }
        }
        return nil
    }

    /// Where the scan is. The quote is the byte that opened the string.
    private enum Place {
        case code
        case comment
        case string(quote: UInt8)
        case longString(quote: UInt8)
    }

    private var place = Place.code
    private var line = 1
    private var dots = 0

    /// Takes in the first token of `rest` and returns its length, at least 1.
    private mutating func step(over rest: ArraySlice<UInt8>) -> Int {
        guard let byte = rest.first else { return 1 }
        if byte == UInt8(ascii: "\n") { return endLine() }
        switch place {
        case .code: return stepInCode(byte, rest)
        case .comment: return 1
        case .string(let quote): return stepInString(byte, quote: quote, closing: 1, rest)
        case .longString(let quote): return stepInString(byte, quote: quote, closing: 3, rest)
        }
    }

    private mutating func endLine() -> Int {
        line += 1
        if case .longString = place { return 1 }
        place = .code
        dots = 0
        return 1
    }

    private mutating func stepInCode(_ byte: UInt8, _ rest: ArraySlice<UInt8>) -> Int {
        switch byte {
        case UInt8(ascii: "."): dots += 1
        case UInt8(ascii: "#"): place = .comment
        case UInt8(ascii: "\""), UInt8(ascii: "'"):
            let isLong = rest.prefix(3).elementsEqual([byte, byte, byte])
            place = isLong ? .longString(quote: byte) : .string(quote: byte)
            return isLong ? 3 : 1
        default: break
        }
        return 1
    }

    private mutating func stepInString(
        _ byte: UInt8, quote: UInt8, closing: Int, _ rest: ArraySlice<UInt8>
    ) -> Int {
        if byte == UInt8(ascii: "\\"), quote == UInt8(ascii: "\"") {
            let escapesQuoteOrItself = rest.dropFirst().first.map { $0 == byte || $0 == quote } ?? false
            return escapesQuoteOrItself ? 2 : 1
        }
        guard byte == quote else { return 1 }
        let quotes = rest.prefix(closing + 2).prefix { $0 == quote }.count
        guard quotes >= closing else { return quotes }
        place = .code
        // A long string may end in up to two quotes of its own before the three that close it.
        return closing == 1 ? 1 : quotes
    }
}
