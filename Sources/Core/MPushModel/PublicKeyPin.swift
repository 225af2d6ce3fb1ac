/// The SHA-256 of a certificate's SubjectPublicKeyInfo in DER (RFC 7469 section 2.4). Written `sha256/` and 44 characters of
/// base64.
package struct PublicKeyPin: Hashable, Sendable, CustomStringConvertible {
    /// The digest, 32 bytes.
    package let digest: [UInt8]

    private static let length = 32

    /// The pin of that digest; nil where it has not 32 bytes.
    package init?(digest: [UInt8]) {
        guard digest.count == PublicKeyPin.length else { return nil }
        self.digest = digest
    }

    /// Reads `sha256/` and 32 bytes in canonical base64.
    package init(parsing text: String) throws(Misspelling) {
        let prefix = "sha256/"
        guard text.hasPrefix(prefix) else {
            throw Misspelling("is not a pin. Write sha256/ and the SHA-256 of the public key in base64")
        }
        guard let bytes = Base64.decode(String(text.dropFirst(prefix.count))) else {
            throw Misspelling("is not a pin: what follows sha256/ is not base64")
        }
        guard bytes.count == PublicKeyPin.length else {
            throw Misspelling("is not a pin: \(bytes.count) bytes follow sha256/; a SHA-256 has 32")
        }
        digest = bytes
    }

    /// As the configuration spells it.
    package var description: String { "sha256/" + Base64.encode(digest) }
}
