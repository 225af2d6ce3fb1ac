package import MPushSecret

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
            case .unknown: text.label.map { "this is PEM of the kind \($0)" } ?? "this is base64, but of no key"
            }
        return .malformedKey(detail: "\(given); an X.509 public key is wanted (-----BEGIN PUBLIC KEY-----)")
    }
}
