package import MPushSecret

/// What the bodies of a session are encrypted with: AES-128-CBC under one key and one initialisation vector
/// (PROTOCOL.md section 3).
package struct SessionKeys: Equatable, Sendable {
    package let key: SecretBytes
    package let iv: SecretBytes

    package init(key: SecretBytes, iv: SecretBytes) {
        self.key = key
        self.iv = iv
    }
}
