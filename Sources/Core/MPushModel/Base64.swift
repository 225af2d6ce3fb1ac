/// Base64 (RFC 4648 section 4) with padding, canonical: the padding is right and unused bits are zero.
package enum Base64 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    private static let padding = UInt8(ascii: "=")

    /// The bytes that `text` stands for; nil where it is not canonical base64. White space is not taken.
    package static func decode(_ text: String) -> [UInt8]? {
        var decoder = Decoder()
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count / 4 * 3 + 3)
        do {
            for character in text.utf8 {
                if let byte = try decoder.take(character) { bytes.append(byte) }
            }
        } catch {
            return nil
        }
        return decoder.isComplete ? bytes : nil
    }

    /// The secret that `text` stands for, white space skipped; nil where the rest is not canonical base64. Leaves no copy
    /// of it behind.
    package static func decodeSecret(_ text: some Collection<UInt8>) -> SecretBytes? {
        try? SecretBytes(upTo: text.count / 4 * 3 + 3) { room throws(Malformed) in
            var decoder = Decoder()
            var count = 0
            for character in text where !isWhitespace(character) {
                guard let byte = try decoder.take(character) else { continue }
                room[count] = byte
                count += 1
            }
            guard decoder.isComplete else { throw Malformed() }
            return count
        }
    }

    private struct Malformed: Error {}

    /// `bytes` in one line, padded.
    package static func encode(_ bytes: some Collection<UInt8>) -> String {
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count + 2) / 3 * 4)
        var rest = bytes[...]
        while !rest.isEmpty {
            let group = rest.prefix(3)
            rest = rest.dropFirst(3)
            appendGroup(group, to: &text)
        }
        return String(decoding: text, as: UTF8.self)
    }

    private static func appendGroup(_ group: some Collection<UInt8>, to text: inout [UInt8]) {
        let bits = group.reduce(UInt32(0)) { $0 << 8 | UInt32($1) } << UInt32(8 * (3 - group.count))
        for position in 0..<4 {
            let index = Int(bits >> UInt32(18 - 6 * position) & 0x3F)
            text.append(position <= group.count ? alphabet[index] : padding)
        }
    }

    /// Spaces, tabs and line ends.
    package static func isWhitespace(_ character: UInt8) -> Bool {
        character == 0x20 || (0x09...0x0D).contains(character)
    }

    private static func value(_ character: UInt8) -> UInt32? {
        switch character {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(character - UInt8(ascii: "A"))
        case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(character - UInt8(ascii: "a")) + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(character - UInt8(ascii: "0")) + 52
        case UInt8(ascii: "+"): 62
        case UInt8(ascii: "/"): 63
        default: nil
        }
    }

    /// Takes one character after the other, and holds the bits that do not fill a byte yet.
    private struct Decoder {
        private var bits: UInt32 = 0
        private var characters: UInt32 = 0
        private var paddings = 0

        /// The byte that `character` completes; nil where it completes none. Four characters give at most three bytes.
        mutating func take(_ character: UInt8) throws(Malformed) -> UInt8? {
            characters &+= 1
            if character == Base64.padding {
                paddings += 1
                return nil
            }
            guard paddings == 0, let value = Base64.value(character) else { throw Malformed() }
            bits = bits << 6 | value
            guard characters % 4 != 1 else { return nil }
            let byte = UInt8(truncatingIfNeeded: bits >> pendingBits)
            bits &= (1 << pendingBits) - 1
            return byte
        }

        /// Bits left over after the characters so far: 6, 4, 2 and 0 in turn.
        private var pendingBits: UInt32 { (4 - characters % 4) % 4 * 2 }

        var isComplete: Bool { characters.isMultiple(of: 4) && paddings <= 2 && bits == 0 }
    }
}
