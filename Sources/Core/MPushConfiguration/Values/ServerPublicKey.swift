import MPushModel

/// Where the server's RSA public key (PROTOCOL.md section 3) comes from.
package enum ServerPublicKey: Hashable, Sendable {
    /// A file with the key in PEM, or in base64 without PEM's lines.
    case file(FileReference)
    /// The key itself, an X.509 SubjectPublicKeyInfo in DER. Its outermost frame was checked, no more.
    case inline(InlinePublicKey)

    /// Where the configuration names the key.
    package var location: SourceLocation {
        switch self {
        case .file(let reference): reference.location
        case .inline(let key): key.location
        }
    }
}

/// A public key written in the configuration itself.
package struct InlinePublicKey: Sendable {
    /// The X.509 SubjectPublicKeyInfo in DER. It was checked to be a SEQUENCE of this length, no more.
    package let der: [UInt8]

    /// The same in base64, without PEM's lines and white space.
    package let base64: String

    /// Where the configuration says it.
    package let location: SourceLocation

    /// Reads `text`: base64, with PEM's first and last line or without, and with white space anywhere.
    init(_ text: String, location: SourceLocation) throws(Misspelling) {
        let lines = text.split(whereSeparator: \.isNewline).filter { !$0.hasPrefix("-----") }
        base64 = String(lines.joined().filter { !$0.isWhitespace })
        self.location = location
        guard let bytes = Base64.decode(base64), InlinePublicKey.isSequence(bytes) else {
            throw Misspelling(
                "is neither the absolute path of a file nor a public key in base64. "
                    + "Write \"/etc/mpushd/server-rsa.pem\", or the key that begins with MI")
        }
        der = bytes
    }

    /// Whether `bytes` is one DER SEQUENCE with a length in one, two or three bytes (X.690 section 8.1.3), and nothing
    /// after it.
    private static func isSequence(_ bytes: [UInt8]) -> Bool {
        guard bytes.count > 4, bytes[0] == 0x30 else { return false }
        switch bytes[1] {
        case 0..<0x80: return bytes.count == 2 + Int(bytes[1])
        case 0x81: return bytes.count == 3 + Int(bytes[2])
        case 0x82: return bytes.count == 4 + Int(bytes[2]) << 8 + Int(bytes[3])
        default: return false
        }
    }
}

extension InlinePublicKey: Hashable {
    /// The same key is equal wherever it is written.
    package static func == (left: InlinePublicKey, right: InlinePublicKey) -> Bool { left.der == right.der }

    package func hash(into hasher: inout Hasher) { hasher.combine(der) }
}
