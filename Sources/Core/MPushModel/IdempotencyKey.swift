/// What tells a message from all others that a receiver gets, the same each time that it is sent.
package enum IdempotencyKey {
    /// A broadcast has one id, and comes once for each identity; a position is another message's in an inbox that began anew,
    /// and an id may come again after weeks. The name of an identity has no colon in it.
    ///
    /// - Parameter position: the message's place in the inbox; nil where whoever asks does not know it.
    package static func text(identity: String, position: Int64?, id: String) -> String {
        "\(identity):\(position.map(String.init) ?? ""):\(id)".safeInFields
    }
}

extension String {
    /// As a value of a field of HTTP, or a header of a broker: visible ASCII as it is, all else percent-encoded, and the
    /// percent sign with it.
    package var safeInFields: String {
        // As nearly all are.
        if utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "%") }) { return self }
        var result = ""
        for byte in utf8 {
            if (0x20...0x7E).contains(byte), byte != UInt8(ascii: "%") {
                result.unicodeScalars.append(Unicode.Scalar(byte))
            } else {
                result += (byte < 16 ? "%0" : "%") + String(byte, radix: 16, uppercase: true)
            }
        }
        // Spaces at the ends would be lost on the way.
        return result.hasPrefix(" ") || result.hasSuffix(" ") ? result.replacing(" ", with: "%20") : result
    }
}
