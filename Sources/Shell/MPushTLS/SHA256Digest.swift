import COpenSSL

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
