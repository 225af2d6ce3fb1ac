package import MPushTLS

/// What a connection runs on.
package struct TransportSettings {
    /// For the server; nil for plaintext.
    package let server: TLSContext?
    /// For an allocator with https: the same authorities and revocations, but not the pins, which are the server's.
    package let allocator: TLSContext?
    /// What decides whether the server is trusted. A connection that was made under another trust is not kept at a reload.
    package let trust: Trust

    /// Everything that a server is judged by. The client certificate is not part of it: a new one is shown at the next
    /// connection, and an old connection stays as good as it was.
    package struct Trust: Equatable {
        /// Nil for plaintext.
        let serverDigest: TLSTrustDigest?
        let serverName: String?
    }
}
