package import MPushCipher

/// What a simulator is made of.
package struct SimulatorConfiguration: Sendable {
    package var transport: SimulatorTransport
    package var server = SimulatedServerSettings()
    /// The key that HANDSHAKE is encrypted for; nil for a new one.
    package var privateKey: RSAPrivateKey?
    /// Bits of a new key; those of stock MPush.
    package var keyBits = 1024
    /// How long an ACK is awaited where the push does not say.
    package var ackDeadline: Duration = .seconds(3)
    /// How long a client has for the TLS handshake.
    package var handshakeTimeout: Duration = .seconds(10)

    package init(transport: SimulatorTransport) {
        self.transport = transport
    }
}
