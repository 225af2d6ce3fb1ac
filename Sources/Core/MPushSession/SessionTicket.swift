package import MPushSecret
package import MPushTime

/// What is needed to resume a session on another connection, or after a restart (PROTOCOL.md section 4.2).
package struct SessionTicket: Equatable, Sendable {
    /// Whoever knows it and the keys can take the session over.
    package let sessionID: SecretBytes
    package let keys: CipherKeys
    /// The device that the session was opened for. Another one is refused.
    package let deviceID: String
    /// When the server forgets the session, by the server's clock; nil where it gave no sensible date.
    package let expires: WallTime?

    package init(sessionID: SecretBytes, keys: CipherKeys, deviceID: String, expires: WallTime?) {
        self.sessionID = sessionID
        self.keys = keys
        self.deviceID = deviceID
        self.expires = expires
    }

    /// Whether it is worth trying for `deviceID` at `now`. A clock that is wrong costs one handshake, or one refusal.
    package func isUsable(for deviceID: String, at now: WallTime) -> Bool {
        guard self.deviceID == deviceID else { return false }
        return expires.map { now < $0 } ?? true
    }
}
