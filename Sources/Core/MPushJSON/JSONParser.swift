/// Reads one JSON text (RFC 8259), strictly, with a bound on its depth. Its size is the caller's to bound.
package struct JSONParser {
    /// Arrays and objects within each other, at most.
    package static let deepest = 64

    private let bytes: [UInt8]
    private var position = 0
    private var depth = 0
    /// Whether what is deeper than the outermost object is read, but not kept.
    private var isShallow = false

    /// The value in `bytes`, which hold it and nothing else but white space around it.
    package static func parse(_ bytes: some Sequence<UInt8>) throws(JSONError) -> JSONValue {
        var parser = JSONParser(bytes: Array(bytes))
        let value = try parser.value()
        parser.skipSpace()
        guard parser.position == parser.bytes.count else { throw parser.error("something follows the value") }
        return value
    }

    /// The value in the UTF-8 of `text`.
    package static func parse(_ text: String) throws(JSONError) -> JSONValue { try parse(text.utf8) }

    /// The members of the object that `bytes` are; arrays and objects among their values come as null, unread but for
    /// their form. Nil where the bytes are no object.
    static func simpleMembers(_ bytes: [UInt8]) -> [JSONMember]? {
        var parser = JSONParser(bytes: bytes)
        parser.isShallow = true
        guard case .object(let members)? = try? parser.value() else { return nil }
        parser.skipSpace()
        return parser.position == bytes.count ? members : nil
    }

    private init(bytes: [UInt8]) {
        self.bytes = bytes
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
            if !isShallow || depth == 1 { members.append(JSONMember(name, value)) }
            skipSpace()
            if skip("}") { return .object(members) }
            guard skip(",") else { throw error("a comma or a closing brace is due") }
        }
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
        guard bytes[position...].starts(with: text.utf8) else { throw error("no value begins like this") }
        position += text.utf8.count
        return value
    }

    private mutating func number() throws(JSONError) -> JSONValue {
        let start = position
        var isInteger = true
        _ = skip("-")
        if !skip("0") { try digits() }
        if skip(".") {
            isInteger = false
            try digits()
        }
        if skip("e") || skip("E") {
            isInteger = false
            if !skip("+") { _ = skip("-") }
            try digits()
        }
        guard position - start <= 400 else { throw error("the number is too long") }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        if isInteger, let number = Int64(text) { return .integer(number) }
        guard let number = Double(text), number.isFinite else { throw error("the number is too large") }
        return .number(number)
    }

    private mutating func digits() throws(JSONError) {
        let start = position
        while let byte = peek, byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") { position += 1 }
        guard position > start else { throw error("a digit is due") }
    }

    // MARK: - Strings

    private mutating func string() throws(JSONError) -> String {
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

    /// What `\u` names. A half of a surrogate pair that stands alone becomes U+FFFD, since no text can hold it.
    private mutating func scalar() throws(JSONError) -> Unicode.Scalar {
        let replacement: Unicode.Scalar = "\u{FFFD}"
        let unit = try codeUnit()
        guard UTF16.isLeadSurrogate(unit) else { return Unicode.Scalar(unit) ?? replacement }
        let back = position
        guard skip("\\"), skip("u") else {
            position = back
            return replacement
        }
        let second = try codeUnit()
        guard UTF16.isTrailSurrogate(second) else {
            position = back
            return replacement
        }
        let value = 0x10000 + (UInt32(unit) - 0xD800) << 10 + (UInt32(second) - 0xDC00)
        return Unicode.Scalar(value) ?? replacement
    }

    private mutating func codeUnit() throws(JSONError) -> UInt16 {
        guard bytes.count - position >= 4 else { throw error("four hexadecimal digits are due") }
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

    private var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func skip(_ scalar: Unicode.Scalar) -> Bool {
        guard let byte = peek, byte == UInt8(ascii: scalar) else { return false }
        position += 1
        return true
    }

    private mutating func skipSpace() {
        while let byte = peek, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
    }

    private func error(_ message: String) -> JSONError { JSONError(at: position, message) }
}

/// Finds members of a JSON object without building the rest of it: for the one or two that every message is asked for.
package enum JSONMembers {
    /// The last value of each of `names` in the object that `bytes` are; nil for what is not there, or has no simple
    /// value (a string, a number, a truth value). All nil where the bytes are no JSON object.
    package static func find(_ names: [String], in bytes: [UInt8]) -> [JSONValue?] {
        var none = [JSONValue?](repeating: nil, count: names.count)
        // Most messages that are no JSON are found out by their first byte.
        guard let first = bytes.first(where: { $0 > 0x20 }), first == UInt8(ascii: "{"),
            let members = JSONParser.simpleMembers(bytes)
        else { return none }
        for (index, name) in names.enumerated() { none[index] = members.last { $0.name == name }?.value }
        return none
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
