package import MPushSecret

/// The client's half of a new session's keys: fresh random bytes for each connection, made by the shell.
package struct HandshakeSecrets: Equatable, Sendable {
    package let keys: CipherKeys

    /// Nil where key or vector has not 16 bytes.
    package init?(clientKey: SecretBytes, iv: SecretBytes) {
        guard let keys = CipherKeys(key: clientKey, iv: iv) else { return nil }
        self.keys = keys
    }
}
