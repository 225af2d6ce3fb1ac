/// Reads one JSON text (RFC 8259), with a bound on its depth. Its size is the caller's to bound.
package struct JSONParser {
    /// Arrays and objects within each other, at most.
    package static let deepest = 64
    private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

    private let bytes: [UInt8]
    private let end: Int
    private var position = 0
    private var depth = 0
    /// Whether halves of surrogate pairs are errors.
    private let isStrict: Bool
    /// Whether what is deeper than the outermost object is read, but not kept.
    private var isShallow = false
    /// Whether the last string has half a surrogate pair, for which U+FFFD stands.
    private var hasHalfPair = false

    /// The value in `bytes`, which hold it and nothing else but white space around it.
    package static func parse(_ bytes: some Sequence<UInt8>) throws(JSONError) -> JSONValue {
        var parser = JSONParser(strict: Array(bytes))
        return try parser.text()
    }

    /// The value in the UTF-8 of `text`.
    package static func parse(_ text: String) throws(JSONError) -> JSONValue { try parse(text.utf8) }

    /// The value in the content of a message. What senders are known to put around a document does not hide it: the mark that
    /// Windows sets in front (U+FEFF), and NULs that a C program sends along. Half a surrogate pair, which no text can
    /// hold, becomes U+FFFD.
    package static func parse(content: some Sequence<UInt8>) throws(JSONError) -> JSONValue {
        var parser = JSONParser(content: Array(content))
        return try parser.text()
    }

    /// The members of the object that the content of a message is; arrays and objects among their values come as null, unread
    /// but for their form, and so do strings with half a surrogate pair, which could be taken for another. Nil where it is
    /// not an object.
    static func simpleMembers(content: [UInt8]) -> [JSONMember]? {
        var parser = JSONParser(content: content)
        parser.isShallow = true
        // Most messages that are not JSON are found out by their first byte.
        parser.skipSpace()
        guard parser.peek == UInt8(ascii: "{"), case .object(let members)? = try? parser.text() else { return nil }
        return members
    }

    private init(strict bytes: [UInt8]) {
        self.bytes = bytes
        end = bytes.count
        isStrict = true
    }

    private init(content bytes: [UInt8]) {
        self.bytes = bytes
        let padding = bytes.reversed().prefix { $0 == 0 || JSONParser.isSpace($0) }
        end = bytes.count - padding.count
        isStrict = false
        if bytes.starts(with: JSONParser.byteOrderMark) { position = JSONParser.byteOrderMark.count }
    }

    private mutating func text() throws(JSONError) -> JSONValue {
        let value = try value()
        skipSpace()
        guard position >= end else { throw error("something follows the value") }
        return value
    }

    // MARK: - Values

    private mutating func value() throws(JSONError) -> JSONValue {
        skipSpace()
        switch peek {
        case nil: throw error("it ends where a value is due")
        case UInt8(ascii: "{")?: return try nested { parser throws(JSONError) in try parser.object() }
        case UInt8(ascii: "[")?: return try nested { parser throws(JSONError) in try parser.array() }
        case UInt8(ascii: "\"")?: return .string(try string())
        case UInt8(ascii: "t")?: return try word("true", .bool(true))
        case UInt8(ascii: "f")?: return try word("false", .bool(false))
        case UInt8(ascii: "n")?: return try word("null", .null)
        case UInt8(ascii: "-")?: return try number()
        case let digit? where (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit): return try number()
        default: throw error("no value begins with this byte")
        }
    }

    private mutating func nested(
        _ read: (inout JSONParser) throws(JSONError) -> JSONValue
    ) throws(JSONError) -> JSONValue {
        guard depth < JSONParser.deepest else { throw error("more than \(JSONParser.deepest) levels") }
        depth += 1
        let value = try read(&self)
        depth -= 1
        return value
    }

    private mutating func object() throws(JSONError) -> JSONValue {
        position += 1
        var members: [JSONMember] = []
        skipSpace()
        if skip("}") { return .object(members) }
        while true {
            skipSpace()
            guard peek == UInt8(ascii: "\"") else { throw error("a name in quotes is due") }
            let name = try string()
            skipSpace()
            guard skip(":") else { throw error("a colon is due") }
            let value = try value()
            if !isShallow || depth == 1 { members.append(JSONMember(name, kept(value))) }
            skipSpace()
            if skip("}") { return .object(members) }
            guard skip(",") else { throw error("a comma or a closing brace is due") }
        }
    }

    /// A value as it is kept.
    private func kept(_ value: JSONValue) -> JSONValue {
        guard isShallow, hasHalfPair, case .string = value else { return value }
        return .null
    }

    private mutating func array() throws(JSONError) -> JSONValue {
        position += 1
        var elements: [JSONValue] = []
        skipSpace()
        if skip("]") { return .array(elements) }
        while true {
            let value = try value()
            if !isShallow { elements.append(value) }
            skipSpace()
            if skip("]") { return .array(elements) }
            guard skip(",") else { throw error("a comma or a closing bracket is due") }
        }
    }

    private mutating func word(_ text: String, _ value: JSONValue) throws(JSONError) -> JSONValue {
        guard bytes[position..<end].starts(with: text.utf8) else { throw error("no value begins like this") }
        position += text.utf8.count
        return value
    }

    private mutating func number() throws(JSONError) -> JSONValue {
        let start = position
        _ = skip("-")
        if !skip("0") { try digits() }
        if skip(".") { try digits() }
        if skip("e") || skip("E") {
            if !skip("+") { _ = skip("-") }
            try digits()
        }
        return .number(JSONNumber(written: String(decoding: bytes[start..<position], as: UTF8.self)))
    }

    private mutating func digits() throws(JSONError) {
        let start = position
        while let byte = peek, byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") { position += 1 }
        guard position > start else { throw error("a digit is due") }
    }

    // MARK: - Strings

    private mutating func string() throws(JSONError) -> String {
        hasHalfPair = false
        position += 1
        let start = position
        while let byte = peek, byte >= 0x20, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") { position += 1 }
        guard peek == UInt8(ascii: "\"") else { return try escapedString(from: start) }
        let text = try utf8(bytes[start..<position])
        position += 1
        return text
    }

    /// A string with escapes, read on from the first; what stands before it begins at `start`.
    private mutating func escapedString(from start: Int) throws(JSONError) -> String {
        var text = Array(bytes[start..<position])
        while let byte = peek {
            position += 1
            switch byte {
            case UInt8(ascii: "\""): return try utf8(text[...])
            case UInt8(ascii: "\\"): try escape(to: &text)
            case 0..<0x20: throw error("a control character in a string")
            default: text.append(byte)
            }
        }
        throw error("a string does not end")
    }

    private mutating func escape(to text: inout [UInt8]) throws(JSONError) {
        guard let byte = peek else { throw error("a string does not end") }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"): text += String(Character(try scalar())).utf8
        default: throw error("no such escape")
        }
    }

    /// What `\u` names.
    private mutating func scalar() throws(JSONError) -> Unicode.Scalar {
        let start = position
        let unit = try codeUnit()
        guard UTF16.isLeadSurrogate(unit) else {
            guard let scalar = Unicode.Scalar(unit) else { return try half(at: start) }
            return scalar
        }
        let back = position
        guard skip("\\"), skip("u") else {
            position = back
            return try half(at: start)
        }
        let second = try codeUnit()
        guard UTF16.isTrailSurrogate(second) else {
            position = back
            return try half(at: start)
        }
        let value = 0x10000 + (UInt32(unit) - 0xD800) << 10 + (UInt32(second) - 0xDC00)
        guard let scalar = Unicode.Scalar(value) else { return try half(at: start) }
        return scalar
    }

    /// A half of a surrogate pair stands alone.
    private mutating func half(at offset: Int) throws(JSONError) -> Unicode.Scalar {
        if isStrict { throw JSONError(at: offset, "half of a surrogate pair alone is not a character") }
        hasHalfPair = true
        return "\u{FFFD}"
    }

    private mutating func codeUnit() throws(JSONError) -> UInt16 {
        guard end - position >= 4 else { throw error("four hexadecimal digits are due") }
        var unit: UInt16 = 0
        for _ in 0..<4 {
            guard let digit = Character(Unicode.Scalar(bytes[position])).hexDigitValue else {
                throw error("four hexadecimal digits are due")
            }
            unit = unit << 4 | UInt16(digit)
            position += 1
        }
        return unit
    }

    private func utf8(_ part: some Collection<UInt8>) throws(JSONError) -> String {
        guard let text = String(validating: part, as: UTF8.self) else { throw error("a string is not UTF-8") }
        return text
    }

    // MARK: - Bytes

    private var peek: UInt8? { position < end ? bytes[position] : nil }

    private mutating func skip(_ scalar: Unicode.Scalar) -> Bool {
        guard let byte = peek, byte == UInt8(ascii: scalar) else { return false }
        position += 1
        return true
    }

    private mutating func skipSpace() {
        while let byte = peek, JSONParser.isSpace(byte) { position += 1 }
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09
    }

    private func error(_ message: String) -> JSONError { JSONError(at: position, message) }
}

/// Finds members of the JSON object that a message is, without building the rest of it: for the one or two that every
/// message is asked for.
package enum JSONMembers {
    /// The last value of each of `names` in the object that `content` is, read as `JSONParser.parse(content:)` does; nil for
    /// what is not there, or has no simple value (a string, a number, a truth value). All nil where it is not an object.
    package static func find(_ names: [String], in content: [UInt8]) -> [JSONValue?] {
        guard let members = JSONParser.simpleMembers(content: content) else { return names.map { _ in nil } }
        return names.map { name in members.last { $0.name == name }?.value }
    }
}

/// Why bytes are not the JSON that they should be.
package struct JSONError: Error, Equatable, Sendable {
    /// Where, in bytes from the begin.
    package let offset: Int
    /// What is wrong, in words that follow "is not JSON: ".
    package let message: String

    package init(at offset: Int, _ message: String) {
        self.offset = offset
        self.message = message
    }
}

extension JSONError: CustomStringConvertible {
    package var description: String { "not JSON: \(message) at byte \(offset)" }
}
