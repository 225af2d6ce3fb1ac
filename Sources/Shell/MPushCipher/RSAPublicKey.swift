package import MPushModel
package import NIOCore

/// The server's public key: what the client's HANDSHAKE is encrypted with (PROTOCOL.md section 3).
package struct RSAPublicKey: Sendable {
    /// Bits of the modulus below which a key can be broken by those who have the means of a state or a large company.
    /// Stock MPush has 1024.
    package static let leastSafeBits = 2048

    /// Whether a key can have so many bits of modulus: 1024 to 4096, and whole bytes.
    package static func canHave(bits: Int) -> Bool { (try? RSABlock(keyBits: bits)) != nil }

    private let key: PKey
    /// How what is encrypted is cut, here and where it is decrypted.
    let block: RSABlock
    /// The key as an X.509 SubjectPublicKeyInfo in DER, encoded anew: the same bytes however the key was written.
    package let der: [UInt8]
    /// The SHA-256 of `der`.
    package let fingerprint: Fingerprint

    /// A key that encrypts: it has done so once.
    /// - Throws: `malformedKey` or `wrongRSAKeySize`.
    init(_ key: PKey) throws(CipherError) {
        self.key = key
        block = try key.checkPublicRSA()
        der = try key.publicDER()
        fingerprint = try Fingerprint(of: der)
        try tryOut()
    }

    /// OpenSSL has bounds of its own, which may change, for what it encrypts with: better known now than when a
    /// connection is up.
    private func tryOut() throws(CipherError) {
        do throws(CipherError) {
            _ = try encrypt(ByteBuffer(repeating: 0, count: block.plainSize))
        } catch .openSSL(_, let detail) {
            throw .malformedKey(detail: "OpenSSL encrypts nothing with the RSA key: \(detail)")
        }
    }

    /// Bits of the modulus: 1024 to 4096, whole bytes.
    package var bits: Int { block.sealedSize * 8 }

    /// `der` in base64 without PEM lines, as MPush's configuration and clients write it.
    package var base64: String { Base64.encode(der) }

    /// Whether this is the key that stands in every copy of MPush's configuration, its private half beside it: it keeps
    /// nothing secret.
    package var isPublishedDefault: Bool {
        fingerprint.description == "3111a3c1ed963875690509fba7105466ba4596ae44ea0fa26a145a459234baeb"
    }

    /// The ciphertext of `plain` with PKCS#1 v1.5 padding: with k bytes of modulus, k for each k - 11 begun, nothing for
    /// nothing. It differs each time.
    package func encrypt(_ plain: ByteBuffer) throws(CipherError) -> ByteBuffer {
        guard plain.readableBytes <= OpenSSL.maximumInput else {
            throw .inputTooLarge(bytes: plain.readableBytes, maximum: OpenSSL.maximumInput)
        }
        let operation = try RSAOperation(.encrypt, with: key)
        return try block.transform(plain, blocksOf: block.plainSize, with: operation)
    }
}

extension RSAPublicKey: Equatable {
    package static func == (left: RSAPublicKey, right: RSAPublicKey) -> Bool { left.der == right.der }
}

extension RSAPublicKey {
    /// Reads an X.509 SubjectPublicKeyInfo as PEM (`-----BEGIN PUBLIC KEY-----`, RFC 7468 section 13) or as its base64
    /// alone. White space does not matter.
    /// - Throws: `malformedKey`, which says what the text is instead, or `wrongRSAKeySize`.
    package init(_ text: String) throws(CipherError) {
        try self.init(text.utf8)
    }

    /// Reads the bytes of a file that holds such a text.
    /// - Throws: `malformedKey`, which says what the bytes are instead, or `wrongRSAKeySize`.
    package init(_ bytes: some Collection<UInt8>) throws(CipherError) {
        try self.init(SecretBytes(bytes.prefix(KeyText.maximumLength + 1)))
    }

    /// Reads the bytes of a file that holds such a text. They are no secret where they are what they should be; where
    /// they are a private key, no copy of it is left behind.
    /// - Throws: `malformedKey`, which says what the bytes are instead, or `wrongRSAKeySize`.
    package init(_ bytes: SecretBytes) throws(CipherError) {
        let text = try KeyText(bytes)
        guard text.label == nil || text.label == "PUBLIC KEY", let key = text.publicKey() else {
            throw Self.misplaced(text)
        }
        try self.init(key)
    }

    /// The error for a text that is no public key.
    private static func misplaced(_ text: KeyText) -> CipherError {
        let given =
            switch text.kind {
            case .privateKey: "this is a private key, which must stay with the server"
            case .certificate: "this is a certificate"
            case .rsaPublicKey: "this is a PKCS#1 RSA public key"
            case .unknown: text.label.map { "this is PEM of the kind \($0)" } ?? "this is base64, but not of a key"
            }
        return .malformedKey(detail: "\(given); an X.509 public key is wanted (-----BEGIN PUBLIC KEY-----)")
    }
}

/// The SHA-256 of a key's DER, by which people compare keys.
package struct Fingerprint: Hashable, Sendable, CustomStringConvertible {
    /// The 32 bytes of the hash.
    package let bytes: [UInt8]

    init(of der: [UInt8]) throws(CipherError) {
        bytes = try SHA256.hash(der)
    }

    /// 64 lower-case hexadecimal digits.
    package var description: String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}
