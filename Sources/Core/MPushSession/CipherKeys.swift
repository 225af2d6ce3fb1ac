package import MPushModel

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

/// The client's half of a new session's keys: fresh random bytes for each connection, made by the shell.
package struct HandshakeSecrets: Equatable, Sendable {
    package let keys: CipherKeys

    /// Nil where key or vector has not 16 bytes.
    package init?(clientKey: SecretBytes, iv: SecretBytes) {
        guard let keys = CipherKeys(key: clientKey, iv: iv) else { return nil }
        self.keys = keys
    }
}

/// What is needed to resume a session on another connection, or after a restart (PROTOCOL.md section 4.2).
package struct SessionTicket: Equatable, Sendable {
    /// The longest session id that is kept, in bytes. Servers make 32 of them.
    package static let longestID = 512

    /// Whoever knows it and the keys can take the session over.
    package let sessionID: SecretBytes
    package let keys: CipherKeys
    /// The device that the session was opened for. Another one is refused.
    package let deviceID: String
    /// What the handshake said of the client, as `SessionSettings.clientDescription` has it: the server keeps that.
    package let client: String
    /// When the server forgets the session, by the server's clock; nil where it gave no sensible date.
    package let expires: WallTime?

    package init(sessionID: SecretBytes, keys: CipherKeys, deviceID: String, client: String, expires: WallTime?) {
        self.sessionID = sessionID
        self.keys = keys
        self.deviceID = deviceID
        self.client = client
        self.expires = expires
    }

    /// Whether it is worth trying at `now`: not for another device, nor for one that describes itself otherwise, because only
    /// a handshake can say that. A clock that is wrong costs one handshake, or one refusal.
    package func isUsable(for settings: SessionSettings, at now: WallTime) -> Bool {
        guard deviceID == settings.deviceID, client == settings.clientDescription else { return false }
        return expires.map { now < $0 } ?? true
    }
}
