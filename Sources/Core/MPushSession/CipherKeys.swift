package import MPushSecret

/// Key and initialisation vector of AES-128-CBC, 16 bytes each (PROTOCOL.md section 3). The vector is the same for every
/// message of a session.
package struct CipherKeys: Equatable, Sendable {
    /// Bytes of a key, and of an initialisation vector.
    package static let length = 16

    package let key: SecretBytes
    package let iv: SecretBytes

    /// Nil where one of them has not 16 bytes.
    package init?(key: SecretBytes, iv: SecretBytes) {
        guard key.count == CipherKeys.length, iv.count == CipherKeys.length else { return nil }
        self.key = key
        self.iv = iv
    }

    /// The session's keys, once the server gave its half: XOR, byte by byte, of the two keys.
    package func mixed(with serverKey: SecretBytes) -> CipherKeys? {
        key.xored(with: serverKey).flatMap { CipherKeys(key: $0, iv: iv) }
    }
}
