/// Reads a line of JSON as nearly all of them are: with known members in a known order. What it does not know it takes for no
/// mistake: it gives nil, and `JSONParser` has the line. So it never takes what that would not, nor for anything else.
struct PlainLine {
    private let bytes: ArraySlice<UInt8>
    private var index: Int

    init(_ line: ArraySlice<UInt8>) {
        bytes = line
        index = line.startIndex
    }

    /// Whether nothing is left.
    var isOver: Bool { index == bytes.endIndex }

    /// Whether `text` comes next: it is passed over then.
    mutating func skip(_ text: StaticString) -> Bool {
        let count = text.utf8CodeUnitCount
        guard bytes.endIndex - index >= count else { return false }
        for offset in 0..<count where bytes[index + offset] != text.utf8Start[offset] { return false }
        index += count
        return true
    }

    mutating func skipSpaces() {
        while index < bytes.endIndex, bytes[index] == UInt8(ascii: " ") { index += 1 }
    }

    /// A whole number that is not negative, in as many digits as an Int64 has room for in any case.
    mutating func number() -> Int64? {
        let begin = index
        var number: Int64 = 0
        while index < bytes.endIndex, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[index]) {
            guard index - begin < 18 else { return nil }
            number = number * 10 + Int64(bytes[index] - UInt8(ascii: "0"))
            index += 1
        }
        guard index > begin, bytes[begin] != UInt8(ascii: "0") || index - begin == 1 else { return nil }
        return number
    }

    /// A string.
    mutating func string() -> String? { utf8().flatMap { String(validating: $0, as: UTF8.self) } }

    /// The bytes of a string, which are UTF-8.
    mutating func content() -> [UInt8]? {
        guard let bytes = utf8(), (try? UTF8Span(validating: bytes.span)) != nil else { return nil }
        return bytes
    }

    /// What a string stands for; whether that is UTF-8 is not looked at.
    private mutating func utf8() -> [UInt8]? {
        guard skip("\"") else { return nil }
        var text: [UInt8] = []
        var plain = index
        while index < bytes.endIndex {
            switch bytes[index] {
            case UInt8(ascii: "\""):
                text += bytes[plain..<index]
                index += 1
                return text
            case UInt8(ascii: "\\"):
                guard index + 1 < bytes.endIndex, let byte = PlainLine.escaped(bytes[index + 1]) else { return nil }
                if text.isEmpty { text.reserveCapacity(bytes.endIndex - plain) }
                text += bytes[plain..<index]
                text.append(byte)
                index += 2
                plain = index
            case 0..<0x20: return nil
            default: index += 1
            }
        }
        return nil
    }

    /// What a backslash and `byte` stand for; nil for `\u` and what is no escape.
    private static func escaped(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): byte
        case UInt8(ascii: "n"): 0x0A
        case UInt8(ascii: "r"): 0x0D
        case UInt8(ascii: "t"): 0x09
        default: nil
        }
    }
}
