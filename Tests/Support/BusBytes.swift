/// A message of D-Bus as its specification has it, put together field by field.
package struct BusBytes {
    /// A header field: its code and its value.
    package enum Field {
        case text(UInt8, String)
        case number(UInt8, UInt32)
    }

    package let bytes: [UInt8]

    /// - Parameters:
    ///   - kind: 1 a call, 2 an answer, 3 an error, 4 a signal.
    ///   - text: the body, where it is one text.
    ///   - more: a number after it.
    ///   - flag: the body, where it is one boolean.
    package init(
        kind: UInt8, serial: UInt32, fields: [Field], text: String? = nil, more: UInt32? = nil, flag: Bool? = nil,
        isBig: Bool = false
    ) {
        func number(_ value: UInt32) -> [UInt8] {
            let little = (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
            return isBig ? little.reversed() : little
        }
        func encoded(_ text: String) -> [UInt8] { number(UInt32(text.utf8.count)) + Array(text.utf8) + [0] }
        var header: [UInt8] = []
        for field in fields {
            while header.count % 8 != 0 { header.append(0) }
            switch field {
            case .number(let code, let value): header += [code, 1, UInt8(ascii: "u"), 0] + number(value)
            case .text(8, let text):
                header += [8, 1, UInt8(ascii: "g"), 0, UInt8(text.utf8.count)] + Array(text.utf8) + [0]
            case .text(1, let text): header += [1, 1, UInt8(ascii: "o"), 0] + encoded(text)
            case .text(let code, let text): header += [code, 1, UInt8(ascii: "s"), 0] + encoded(text)
            }
        }
        var body = text.map(encoded) ?? flag.map { number($0 ? 1 : 0) } ?? []
        if let more {
            while body.count % 4 != 0 { body.append(0) }
            body += number(more)
        }
        var whole: [UInt8] = [UInt8(ascii: isBig ? "B" : "l"), kind, 0, 1]
        whole += number(UInt32(body.count)) + number(serial) + number(UInt32(header.count)) + header
        while whole.count % 8 != 0 { whole.append(0) }
        bytes = whole + body
    }
}
