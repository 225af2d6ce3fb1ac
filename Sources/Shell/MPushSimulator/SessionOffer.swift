import MPushCipher
package import MPushSecret
package import MPushTime

/// The server's share of a new session: what it draws by lot, given from outside so that the session stays a value.
package struct SessionOffer: Sendable {
    /// 16 bytes.
    package let serverKey: SecretBytes
    package let sessionID: String
    package let expiry: WallTime

    package init(serverKey: SecretBytes, sessionID: String, expiry: WallTime) {
        self.serverKey = serverKey
        self.sessionID = sessionID
        self.expiry = expiry
    }

    /// A new offer that ends after `lifetime`. Throws where the system has no randomness.
    static func drawn(lifetime: Duration) throws -> SessionOffer {
        let id = (0..<4).map { _ in UInt32.random(in: .min ... .max) }
        return SessionOffer(
            serverKey: try SecureRandom.bytes(AESCipher.blockSize),
            sessionID: id.map { String($0 | 1 << 31, radix: 16) }.joined(), expiry: SystemClock.wallTime(in: lifetime))
    }
}
