import MPushJSON

/// A piece of a line, and what was made of it: the next line often has the same.
struct KnownPiece<Value: Sendable>: Sendable {
    /// Bytes that are remembered.
    static var longest: Int { 512 }

    let bytes: [UInt8]
    let value: Value
}

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

    private func isNext(_ text: Span<UInt8>) -> Bool {
        guard bytes.count - index >= text.count else { return false }
        let next = bytes.span.extracting(index..<index + text.count)
        // Without an end at the first that differs, so that many are looked at together.
        var difference: UInt8 = 0
        for offset in text.indices { difference |= next[offset] ^ text[offset] }
        return difference == 0
    }

    /// What `read` makes of what comes next, which is up to the bytes that it passes over alone. Where they are those of `known`,
    /// which is what came of it before, it is not asked again.
    mutating func value<Value>(_ known: inout KnownPiece<Value>?, _ read: (inout PlainLine) -> Value?) -> Value? {
        if let known, isNext(known.bytes.span) {
            index += known.bytes.count
            return known.value
        }
        let begin = index
        guard let value = read(&self) else { return nil }
        let length = index - begin
        known = length > KnownPiece<Value>.longest ? nil : KnownPiece(bytes: Array(slice(begin..<index)), value: value)
        return value
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
        guard skip("\"") else { return nil }
        let begin = index
        passPlain()
        let plain = begin..<index
        if skip("\"") {
            guard let text = try? UTF8Span(validating: bytes.span.extracting(plain)) else { return nil }
            return String(copying: text)
        }
        guard let text = escaped(after: plain) else { return nil }
        return String(validating: text, as: UTF8.self)
    }

    /// The bytes of a string, which are UTF-8.
    mutating func content() -> [UInt8]? {
        guard skip("\"") else { return nil }
        let begin = index
        passPlain()
        let plain = begin..<index
        let text = skip("\"") ? Array(slice(plain)) : escaped(after: plain)
        guard let text, (try? UTF8Span(validating: text.span)) != nil else { return nil }
        return text
    }

    /// What a string stands for that begins with `plain` and goes on with an escape; whether that is UTF-8 is not looked at.
    private mutating func escaped(after plain: Range<Int>) -> [UInt8]? {
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count - plain.lowerBound)
        text += slice(plain)
        while index + 1 < bytes.count, let byte = PlainLine.escaped(bytes.span[index], bytes.span[index + 1]) {
            text.append(byte)
            index += 2
            let begin = index
            passPlain()
            text += slice(begin..<index)
        }
        return skip("\"") ? text : nil
    }

    private func slice(_ place: Range<Int>) -> ArraySlice<UInt8> {
        bytes[bytes.startIndex + place.lowerBound..<bytes.startIndex + place.upperBound]
    }

    /// To the next byte that does not stand for itself in a string.
    private mutating func passPlain() { index = bytes.span.bytes.endOfPlainText(from: index) }

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
