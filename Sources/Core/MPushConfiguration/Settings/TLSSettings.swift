/// `[tls]`: what the server has to prove, and what is proved to it.
package struct TLSSettings: Equatable, Sendable {
    /// The certificates of the authorities to trust, in PEM; nil for the system's.
    package let authorities: FileReference?

    /// Certificates that their authority took back, in PEM (RFC 5280 section 5); nil for none.
    package let revocations: FileReference?

    /// What the server is shown where it asks for a certificate; nil for nothing.
    package let client: ClientCertificate?

    /// The public keys that the server may have, on top of a good chain; empty for any.
    package let pins: [PublicKeyPin]

    /// The oldest version of TLS that is spoken.
    package let minimumVersion: MinimumTLSVersion

    /// Whether TLS 1.2 has to agree on a key of its own for each connection.
    package let requiresForwardSecrecy: Bool

    /// The name that the certificate must have and that is sent as server name; nil for the endpoint's host.
    package let serverName: String?

    /// Whether a connection may resume the TLS session of the one before.
    package let resumesSessions: Bool

    /// How long the TLS handshake may take.
    package let handshakeTimeout: Duration
}

extension TLSSettings {
    init(reading table: TableReader, transport: ServerTransport?) {
        authorities = table.optional("ca_file", .file(example: "/etc/mpushd/ca.pem"))
        revocations = table.optional("crl_file", .file(example: "/etc/mpushd/revoked.pem"))
        client = ClientCertificate(reading: table)
        pins = table.value("pins", .list(of: .pin, atMost: 16), default: [])
        minimumVersion = table.value("minimum_version", .choice, default: .v1_2)
        requiresForwardSecrecy = table.value("forward_secrecy", .flag, default: true)
        serverName = table.optional("server_name", .host)
        resumesSessions = table.value("session_resumption", .flag, default: true)
        handshakeTimeout = table.value(
            "handshake_timeout", .duration(in: .seconds(1) ... .seconds(300)), default: .seconds(10))
        if transport == .plaintext, table.isPresent {
            table.site.warn("has no effect with server.transport = \"plaintext\".")
        }
    }
}
