/// What tells a message from all others that a receiver gets, the same each time that it is sent.
package enum IdempotencyKey {
    /// A broadcast has one id, and comes once for each identity; a position is another message's in an inbox that began anew,
    /// and an id may come again after weeks. The name of an identity has no colon in it.
    ///
    /// - Parameter position: the message's place in the inbox; nil where whoever asks does not know it.
    package static func text(identity: String, position: Int64?, id: String) -> String {
        String(decoding: bytes(identity: identity, position: position, id: id), as: UTF8.self)
    }

    /// The same as bytes, all of them printable ASCII, with no space at an end.
    package static func bytes(identity: String, position: Int64?, id: String) -> [UInt8] {
        var text: [UInt8] = []
        write(identity: identity, position: position, id: id, over: &text)
        return text
    }

    /// Writes them over what `text` has, into the same memory.
    package static func write(identity: String, position: Int64?, id: String, over text: inout [UInt8]) {
        text.removeAll(keepingCapacity: true)
        text.append(addingCapacity: identity.utf8.count + id.utf8.count + 22) { rest in
            rest.append(utf8: identity)
            rest.append(UInt8(ascii: ":"))
            if let position { rest.append(decimal: position) }
            rest.append(UInt8(ascii: ":"))
            rest.append(utf8: id)
        }
        if !text.isSafeInFields { text = text.safeInFields }
    }
}

extension [UInt8] {
    /// Appends `text` in UTF-8: what `+= text.utf8` does, in two thirds of the time.
    package mutating func append(utf8 text: String) {
        append(addingCapacity: text.utf8.count) { $0.append(utf8: text) }
    }
}

extension OutputSpan<UInt8> {
    /// Appends `text` in UTF-8, for which there has to be room.
    mutating func append(utf8 text: String) {
        let bytes = text.utf8.span
        for index in bytes.indices { append(bytes[index]) }
    }

    /// Appends `number` in decimal, for which there has to be room: 20 bytes at most.
    mutating func append(decimal number: Int64) {
        if number < 0 { append(UInt8(ascii: "-")) }
        var digits = InlineArray<19, UInt8>(repeating: 0)
        var first = digits.count
        var rest = number.magnitude
        repeat {
            first -= 1
            digits[first] = UInt8(ascii: "0") + UInt8(rest % 10)
            rest /= 10
        } while rest > 0
        for place in first..<digits.count { append(digits[place]) }
    }
}

extension String {
    /// As a value of a field of HTTP, or a header of a broker: visible ASCII as it is, all else percent-encoded, and the
    /// percent sign with it.
    package var safeInFields: String { String(decoding: Array(utf8).safeInFields, as: UTF8.self) }
}

extension [UInt8] {
    /// Whether `safeInFields` is the same, as for nearly all.
    fileprivate var isSafeInFields: Bool {
        // Without an end at the first that is not, so that many are looked at together.
        var others: UInt8 = 0
        for byte in self { others |= (byte &- 0x21 > 0x7E - 0x21 ? 1 : 0) | (byte == UInt8(ascii: "%") ? 1 : 0) }
        return others == 0
    }

    /// What `String.safeInFields` says, as bytes.
    fileprivate var safeInFields: [UInt8] {
        if isSafeInFields { return self }
        // Spaces at the ends would be lost on the way.
        let lowest: UInt8 = first == UInt8(ascii: " ") || last == UInt8(ascii: " ") ? 0x21 : 0x20
        var result: [UInt8] = []
        for byte in self {
            if (lowest...0x7E).contains(byte), byte != UInt8(ascii: "%") {
                result.append(byte)
            } else {
                result += ((byte < 16 ? "%0" : "%") + String(byte, radix: 16, uppercase: true)).utf8
            }
        }
        return result
    }
}
