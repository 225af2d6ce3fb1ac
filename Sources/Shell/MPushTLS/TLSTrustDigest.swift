/// Identifies everything that decides whom a client trusts and who it is. Two contexts with the same digest would have
/// come to the same judgement of a server, so that a session of one may be resumed by the other.
package struct TLSTrustDigest: Hashable, Sendable {
    private let bytes: [UInt8]

    /// Of all that decides a handshake: what the server is judged by, and what it is shown.
    init(of settings: TLSClientSettings) {
        var text = TLSTrustDigest.textOfServer(settings)
        if let identity = settings.identity {
            TLSTrustDigest.append(identity.certificateChainPEM, tag: 3, to: &text)
        }
        bytes = SHA256Digest.of(text)
    }

    /// Of what a server is judged by alone, whatever it is shown.
    package init(ofServer settings: TLSClientSettings) {
        bytes = SHA256Digest.of(TLSTrustDigest.textOfServer(settings))
    }

    private static func textOfServer(_ settings: TLSClientSettings) -> [UInt8] {
        var text: [UInt8] = []
        switch settings.authorities {
        case .system: append([], tag: 0, to: &text)
        case .pem(let pem): append(SHA256Digest.of(pem), tag: 1, to: &text)
        }
        if let lists = settings.revocationListsPEM { append(SHA256Digest.of(lists), tag: 2, to: &text) }
        for pin in settings.pins { append(pin.digest, tag: 4, to: &text) }
        append(Array(settings.minimumVersion.rawValue.utf8), tag: 5, to: &text)
        append([settings.requiresForwardSecrecy ? 1 : 0], tag: 6, to: &text)
        return text
    }

    /// Each field with its tag and length in front, so that no two settings run together into the same text.
    private static func append(_ field: [UInt8], tag: UInt8, to text: inout [UInt8]) {
        text.append(tag)
        for shift in stride(from: 56, through: 0, by: -8) {
            text.append(UInt8(truncatingIfNeeded: field.count >> shift))
        }
        text.append(contentsOf: field)
    }
}
