package import MPushModel

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
        authorities = table.optional("ca_file", takesEffect: .byNewConnection, .file(example: "/etc/mpushd/ca.pem"))
        revocations = table.optional(
            "crl_file", takesEffect: .byNewConnection, .file(example: "/etc/mpushd/revoked.pem"))
        client = ClientCertificate(reading: table)
        pins = table.value("pins", takesEffect: .byNewConnection, .list(of: .pin, atMost: 16), default: [])
        minimumVersion = table.value("minimum_version", takesEffect: .byNewConnection, .choice, default: .v1_2)
        requiresForwardSecrecy = table.value("forward_secrecy", takesEffect: .byNewConnection, .flag, default: true)
        serverName = table.optional("server_name", takesEffect: .byNewConnection, .host)
        resumesSessions = table.value("session_resumption", takesEffect: .atNextConnection, .flag, default: true)
        handshakeTimeout = table.value(
            "handshake_timeout", takesEffect: .atNextConnection, .duration(in: .seconds(1) ... .seconds(300)),
            default: .seconds(10))
        if transport == .plaintext, table.isPresent {
            table.site.warn("has no effect with server.transport = \"plaintext\".")
        }
    }
}

/// The oldest version of TLS that is spoken. The newest that both sides know is taken.
package enum MinimumTLSVersion: String, CaseIterable, Sendable {
    /// RFC 5246.
    case v1_2 = "1.2"
    /// RFC 8446.
    case v1_3 = "1.3"
}

/// What mpushd shows a server that asks for a certificate.
package struct ClientCertificate: Equatable, Sendable {
    /// The certificate, with those between it and its authority after it, in PEM.
    package let certificate: FileReference

    /// Its private key, in PEM, not encrypted.
    package let key: FileReference
}

extension ClientCertificate {
    /// Nil where neither is set, and where one is missing or wrong, which is reported.
    init?(reading table: TableReader) {
        let certificate = table.optional(
            "client_certificate", takesEffect: .atNextConnection, .file(example: "/etc/mpushd/client.pem"))
        let key = table.optional(
            "client_key", takesEffect: .atNextConnection,
            .file(example: "$CREDENTIALS_DIRECTORY/client.key", isSecret: true))
        for (given, other) in [("client_certificate", "client_key"), ("client_key", "client_certificate")]
        where table.holds(given) && !table.holds(other) {
            table.site(of: given).report("has no effect without tls.\(other). Write both or neither.")
        }
        guard let certificate, let key else { return nil }
        self.init(certificate: certificate, key: key)
    }
}
