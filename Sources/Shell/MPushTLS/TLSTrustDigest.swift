/// Identifies everything that decides whom a client trusts and who it is. Two contexts with the same digest would have
/// come to the same judgement of a server, so that a session of one may be resumed by the other.
package struct TLSTrustDigest: Hashable, Sendable {
    private let bytes: [UInt8]

    init(of settings: TLSClientSettings) {
        var text: [UInt8] = []
        switch settings.authorities {
        case .system: TLSTrustDigest.append([], tag: 0, to: &text)
        case .pem(let pem): TLSTrustDigest.append(pem, tag: 1, to: &text)
        }
        if let lists = settings.revocationListsPEM { TLSTrustDigest.append(lists, tag: 2, to: &text) }
        if let identity = settings.identity {
            TLSTrustDigest.append(identity.certificateChainPEM, tag: 3, to: &text)
        }
        for pin in settings.pins { TLSTrustDigest.append(pin.digest, tag: 4, to: &text) }
        TLSTrustDigest.append(Array(settings.minimumVersion.rawValue.utf8), tag: 5, to: &text)
        bytes = SHA256Digest.of(text)
    }

    /// Each field with its tag and length in front, so that no two settings run together into the same text.
    private static func append(_ field: [UInt8], tag: UInt8, to text: inout [UInt8]) {
        text.append(tag)
        withUnsafeBytes(of: UInt64(field.count).bigEndian) { text.append(contentsOf: $0) }
        text.append(contentsOf: field)
    }
}
