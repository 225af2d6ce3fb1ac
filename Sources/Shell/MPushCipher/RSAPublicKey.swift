package import NIOCore

/// The server's public key: what the client's HANDSHAKE is encrypted with (PROTOCOL.md section 3).
package struct RSAPublicKey: Sendable {
    private let key: PKey
    /// The key as an X.509 SubjectPublicKeyInfo in DER, encoded anew: the same bytes however the key was written.
    package let der: [UInt8]
    /// The SHA-256 of `der`.
    package let fingerprint: Fingerprint

    init(_ key: PKey) throws(CipherError) {
        try key.checkRSA()
        self.key = key
        der = try key.publicDER()
        fingerprint = try Fingerprint(of: der)
    }

    /// Bits of the modulus; always 1024.
    package var bits: Int { RSABlock.keyBits }

    /// `der` in base64 without PEM lines, as MPush's configuration and clients write it.
    package var base64: String { Base64.encode(der) }

    /// Whether this is the key that stands in every copy of MPush's configuration, its private half beside it: it keeps
    /// nothing secret.
    package var isPublishedDefault: Bool {
        fingerprint.description == "3111a3c1ed963875690509fba7105466ba4596ae44ea0fa26a145a459234baeb"
    }

    /// The ciphertext of `plain` with PKCS#1 v1.5 padding: 128 bytes for each 117 begun, nothing for nothing. It differs
    /// each time.
    package func encrypt(_ plain: ByteBuffer) throws(CipherError) -> ByteBuffer {
        guard plain.readableBytes <= OpenSSL.maximumInput else {
            throw .inputTooLarge(bytes: plain.readableBytes, maximum: OpenSSL.maximumInput)
        }
        let operation = try RSAOperation(.encrypt, with: key)
        return try RSABlock.transform(plain, blocksOf: RSABlock.plainSize, with: operation)
    }
}

extension RSAPublicKey: Equatable {
    package static func == (left: RSAPublicKey, right: RSAPublicKey) -> Bool { left.der == right.der }
}
