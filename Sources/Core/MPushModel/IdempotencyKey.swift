/// What tells a message from all others that a receiver gets, the same each time that it is sent.
package enum IdempotencyKey {
    /// A broadcast has one id, and comes once for each identity; a position is another message's in an inbox that began anew,
    /// and an id may come again after weeks. The name of an identity has no colon in it.
    ///
    /// - Parameter position: the message's place in the inbox; nil where whoever asks does not know it.
    package static func text(identity: String, position: Int64?, id: String) -> String {
        String(decoding: bytes(identity: identity, position: position, id: id), as: UTF8.self)
    }

    /// The same as bytes, all of them visible ASCII.
    package static func bytes(identity: String, position: Int64?, id: String) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(identity.utf8.count + id.utf8.count + 21)
        text += identity.utf8
        text.append(UInt8(ascii: ":"))
        if let position { text += String(position).utf8 }
        text.append(UInt8(ascii: ":"))
        text += id.utf8
        return text.safeInFields
    }
}

extension String {
    /// As a value of a field of HTTP, or a header of a broker: visible ASCII as it is, all else percent-encoded, and the
    /// percent sign with it.
    package var safeInFields: String { String(decoding: Array(utf8).safeInFields, as: UTF8.self) }
}

extension [UInt8] {
    /// What `String.safeInFields` says, as bytes.
    fileprivate var safeInFields: [UInt8] {
        // As nearly all are.
        if allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "%") }) { return self }
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
