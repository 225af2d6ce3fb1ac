import COpenSSL

/// The SHA-256 of a public key (its SubjectPublicKeyInfo in DER), as RFC 7469 section 2.4 computes it. Written
/// `sha256/` and 44 characters of base64.
package struct TLSPin: Hashable, Sendable {
    /// The 32 bytes of the hash.
    package let digest: [UInt8]

    private static let prefix = "sha256/"
    private static let digestLength = 32
    private static let encodedLength = 44

    init?(digest: [UInt8]) {
        guard digest.count == TLSPin.digestLength else { return nil }
        self.digest = digest
    }

    /// Reads `sha256/BASE64=`. Nothing but the canonical form is taken.
    package init(_ text: String) throws(TLSConfigurationError) {
        guard text.hasPrefix(TLSPin.prefix) else {
            throw TLSPin.malformed("it has to start with \(TLSPin.prefix)")
        }
        let encoded = Array(text.utf8.dropFirst(TLSPin.prefix.utf8.count))
        guard encoded.count == TLSPin.encodedLength else {
            throw TLSPin.malformed("\(TLSPin.encodedLength) characters of base64 must follow \(TLSPin.prefix)")
        }
        guard let digest = TLSPin.decode(encoded) else { throw TLSPin.malformed("it is not base64") }
        self.digest = digest
    }

    private static func malformed(_ detail: String) -> TLSConfigurationError {
        TLSConfigurationError(.pin, .malformed, detail: detail)
    }

    /// EVP_DecodeBlock is lenient; what it made is encoded again to see whether that is what was written.
    private static func decode(_ encoded: [UInt8]) -> [UInt8]? {
        var decoded = [UInt8](repeating: 0, count: digestLength + 1)
        guard EVP_DecodeBlock(&decoded, encoded, Int32(encodedLength)) == decoded.count else { return nil }
        decoded.removeLast()
        return encode(decoded) == encoded ? decoded : nil
    }

    private static func encode(_ digest: [UInt8]) -> [UInt8] {
        var encoded = [UInt8](repeating: 0, count: encodedLength + 1)
        EVP_EncodeBlock(&encoded, digest, Int32(digestLength))
        encoded.removeLast()
        return encoded
    }
}

extension TLSPin: CustomStringConvertible {
    /// The form that the initialiser reads.
    package var description: String {
        TLSPin.prefix + String(decoding: TLSPin.encode(digest), as: UTF8.self)
    }
}

/// SHA-256, for pins and for the digest of the trust settings.
enum SHA256Digest {
    /// The 32 bytes; empty only if OpenSSL has no SHA-256, which no build of it lacks.
    static func of(_ bytes: [UInt8]) -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
        var length: UInt32 = 0
        guard EVP_Digest(bytes, bytes.count, &digest, &length, EVP_sha256(), nil) == 1 else { return [] }
        return Array(digest.prefix(Int(length)))
    }
}
