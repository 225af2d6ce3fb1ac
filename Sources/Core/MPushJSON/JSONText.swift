extension JSONValue {
    /// Appends the value as JSON without white space, in UTF-8.
    package func write(to output: inout [UInt8]) {
        switch self {
        case .null: output += "null".utf8
        case .bool(let truth): output += (truth ? "true" : "false").utf8
        case .number(let number): output += number.text.utf8
        case .string(let text): JSONText.append(text, to: &output)
        case .array(let elements): write(elements, between: ("[", "]"), to: &output) { $0.write(to: &$1) }
        case .object(let members):
            write(members, between: ("{", "}"), to: &output) { member, output in
                JSONText.append(member.name, to: &output)
                output.append(UInt8(ascii: ":"))
                member.value.write(to: &output)
            }
        }
    }

    /// The value as JSON without white space.
    package var text: String {
        var output: [UInt8] = []
        write(to: &output)
        return String(decoding: output, as: UTF8.self)
    }

    private func write<Element>(
        _ elements: [Element], between brackets: (Unicode.Scalar, Unicode.Scalar), to output: inout [UInt8],
        _ writeElement: (Element, inout [UInt8]) -> Void
    ) {
        output.append(UInt8(ascii: brackets.0))
        for (index, element) in elements.enumerated() {
            if index > 0 { output.append(UInt8(ascii: ",")) }
            writeElement(element, &output)
        }
        output.append(UInt8(ascii: brackets.1))
    }
}

/// Strings as JSON writes them (RFC 8259 section 7).
package enum JSONText {
    private static let hexadecimal = Array("0123456789abcdef".utf8)

    /// Appends `text` in quotes. Every control character is escaped, those of C1 as well: a terminal that the line is
    /// shown on would obey them.
    package static func append(_ text: String, to output: inout [UInt8]) {
        let bytes = text.utf8
        guard bytes.span.bytes.endOfUnescapedText(from: 0) == bytes.count else {
            return append(utf8: Array(bytes), to: &output)
        }
        let plain = bytes.span
        output.append(addingCapacity: plain.count + 2) { rest in
            rest.append(UInt8(ascii: "\""))
            for index in plain.indices { rest.append(plain[index]) }
            rest.append(UInt8(ascii: "\""))
        }
    }

    /// Appends text as `append(_:to:)` does, of which `bytes` are the UTF-8: that has been looked at.
    package static func append(utf8 bytes: [UInt8], to output: inout [UInt8]) {
        output.append(UInt8(ascii: "\""))
        append(escaping: bytes, to: &output)
        output.append(UInt8(ascii: "\""))
    }

    /// Appends a whole number.
    package static func append(_ number: Int64, to output: inout [UInt8]) {
        if number < 0 { output.append(UInt8(ascii: "-")) }
        let begin = output.count
        var rest = number.magnitude
        repeat {
            output.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10))
            rest /= 10
        } while rest > 0
        output[begin...].reverse()
    }

    /// What stands between two bytes that may have to be escaped goes as a whole.
    private static func append(escaping bytes: [UInt8], to output: inout [UInt8]) {
        var (plain, index) = (0, 0)
        while true {
            index = bytes.span.bytes.endOfUnescapedText(from: index)
            guard index < bytes.count else { break }
            let byte = bytes[index]
            // U+0080 to U+009F are `C2` and their own number in UTF-8; what else begins so goes as it is.
            let length = byte == 0xC2 ? 2 : 1
            if length == 1 || index + 1 < bytes.count && bytes[index + 1] < 0xA0 {
                output += bytes[plain..<index]
                escape(bytes[index + length - 1], to: &output)
                plain = index + length
            }
            index += length
        }
        output += bytes[plain...]
    }

    private static func escape(_ byte: UInt8, to output: inout [UInt8]) {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"):
            output.append(UInt8(ascii: "\\"))
            output.append(byte)
        case 0x0A: output += "\\n".utf8
        case 0x0D: output += "\\r".utf8
        case 0x09: output += "\\t".utf8
        default:
            output += "\\u00".utf8
            output.append(hexadecimal[Int(byte >> 4)])
            output.append(hexadecimal[Int(byte & 15)])
        }
    }
}
