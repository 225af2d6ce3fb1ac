import MPushTLS

/// What a connection runs on.
struct TransportSettings {
    /// For the server; nil for plaintext.
    let server: TLSContext?
    /// For an allocator with https: the same authorities and revocations, but not the pins, which are the server's.
    let allocator: TLSContext?
    /// What decides whether the server is trusted. A connection that was made under another trust is not kept at a reload.
    let trust: Trust

    /// Everything that a server is judged by. The client certificate is not part of it: a new one is shown at the next
    /// connection, and an old connection stays as good as it was.
    struct Trust: Equatable {
        let isPlaintext: Bool
        let authorities: TLSAuthorities
        let revocations: [UInt8]?
        let pins: [TLSPin]
        let minimumVersion: TLSVersion
        let serverName: String?
    }
}
