package import MPushCipher
package import MPushTLS

/// What a simulator is made of.
package struct SimulatorConfiguration: Sendable {
    package var transport: SimulatorTransport
    package var server = SimulatedServerSettings()
    /// Where it listens.
    package var network: any SimulatorNetwork = BootstrapNetwork()
    /// The key that HANDSHAKE is encrypted for; nil for a new one.
    package var privateKey: RSAPrivateKey?
    /// Bits of a new key; those of stock MPush.
    package var keyBits = 1024
    /// What it shares with other servers, or had before it was started anew; nil for sessions of its own.
    package var sessions: SessionStore?
    /// How long an ACK is awaited where the push does not say.
    package var ackDeadline: Duration = .seconds(3)
    /// How long a client has for the TLS handshake.
    package var handshakeTimeout: Duration = .seconds(10)

    package init(transport: SimulatorTransport) {
        self.transport = transport
    }
}

/// What lies between a simulator's sockets and its frames.
package enum SimulatorTransport: Sendable {
    case plaintext
    case tls(TLSServerSettings)
}

/// How a simulated server is set: the counterparts of the keys in MPush's own configuration, with its defaults.
package struct SimulatedServerSettings: Sendable {
    /// The shortest and the longest heartbeat; a stock server has 180 s for both.
    package var heartbeat: ClosedRange<Duration> = .seconds(180) ... .seconds(180)
    /// The longest body of a frame, in bytes. What is longer is refused once all of it arrived.
    package var maximumPacketSize = 10 * 1024
    /// Bodies longer than this many bytes are compressed.
    package var compressionThreshold = 10 * 1024
    /// Whether HTTP_PROXY is served: with an echo of the request, nothing leaves the machine.
    package var servesHTTPProxy = false
    /// Users whose BIND is refused, as by a validator.
    package var refusedUsers: Set<String> = []
    /// How long a session can be resumed.
    package var sessionLifetime: Duration = .seconds(86_400)
    /// When the first heartbeat of a connection is looked for.
    package var firstReadCheck: Duration = .seconds(10)
    /// How many missed reads in a row are forgiven.
    package var forgivenMissedReads = 2

    package init() {}

    /// The heartbeat for a client that wishes `clientMaximum` (PROTOCOL.md section 4.1). Its own minimum does not count.
    package func heartbeat(clientMaximum: Duration) -> Duration {
        max(heartbeat.lowerBound, min(clientMaximum, heartbeat.upperBound))
    }
}
