import MPushJSON

/// Reads a line of JSON as nearly all of them are: with known members in a known order. What it does not know it takes for no
/// mistake: it gives nil, and `JSONParser` has the line. So it never takes what that would not, nor for anything else.
struct PlainLine {
    private let bytes: ArraySlice<UInt8>
    /// How many bytes were passed over.
    private var index = 0

    init(_ line: ArraySlice<UInt8>) {
        bytes = line
    }

    /// Whether nothing is left.
    var isOver: Bool { index == bytes.count }

    /// Whether `text` comes next: it is passed over then.
    @inline(__always)
    mutating func skip(_ text: StaticString) -> Bool {
        guard isNext(text) else { return false }
        index += text.utf8CodeUnitCount
        return true
    }

    @inline(__always)
    private func isNext(_ text: StaticString) -> Bool {
        let count = text.utf8CodeUnitCount
        guard bytes.count - index >= count else { return false }
        let next = bytes.span.extracting(index..<index + count)
        for offset in next.indices where next[offset] != text.utf8Start[offset] { return false }
        return true
    }

    mutating func skipSpaces() { while skip(" ") {} }

    /// A whole number that is not negative, in as many digits as an Int64 has room for in any case.
    mutating func number() -> Int64? {
        let begin = index
        var number: Int64 = 0
        while index < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes.span[index]) {
            guard index - begin < 18 else { return nil }
            number = number * 10 + Int64(bytes.span[index] - UInt8(ascii: "0"))
            index += 1
        }
        guard index > begin, bytes.span[begin] != UInt8(ascii: "0") || index - begin == 1 else { return nil }
        return number
    }

    /// A string.
    mutating func string() -> String? {
        guard let bytes = quoted(), let text = try? UTF8Span(validating: bytes.span) else { return nil }
        return String(copying: text)
    }

    /// The bytes of a string, which are UTF-8.
    mutating func content() -> [UInt8]? {
        guard let bytes = quoted(), (try? UTF8Span(validating: bytes.span)) != nil else { return nil }
        return Array(bytes)
    }

    /// What a string stands for; whether that is UTF-8 is not looked at.
    private mutating func quoted() -> ArraySlice<UInt8>? {
        guard skip("\"") else { return nil }
        var plain = passPlain()
        var text: [UInt8] = []
        while index + 1 < bytes.count, let byte = PlainLine.escaped(bytes.span[index], bytes.span[index + 1]) {
            if text.isEmpty { text.reserveCapacity(bytes.endIndex - plain.startIndex) }
            text += plain
            text.append(byte)
            index += 2
            plain = passPlain()
        }
        guard skip("\"") else { return nil }
        guard !text.isEmpty else { return plain }
        text += plain
        return text[...]
    }

    /// What comes before the next byte that does not stand for itself in a string.
    private mutating func passPlain() -> ArraySlice<UInt8> {
        let begin = index
        index = bytes.span.bytes.endOfPlainText(from: begin)
        return bytes[bytes.startIndex + begin..<bytes.startIndex + index]
    }

    /// What a backslash and a byte stand for; nil for `\u` and what is no escape.
    private static func escaped(_ backslash: UInt8, _ byte: UInt8) -> UInt8? {
        guard backslash == UInt8(ascii: "\\") else { return nil }
        return switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): byte
        case UInt8(ascii: "n"): 0x0A
        case UInt8(ascii: "r"): 0x0D
        case UInt8(ascii: "t"): 0x09
        default: nil
        }
    }
}
