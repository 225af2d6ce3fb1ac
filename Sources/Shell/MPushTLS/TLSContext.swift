import COpenSSL
package import MPushTime

/// What is common to many connections: whom to trust, what to show, which versions to speak.
///
/// `@unchecked Sendable`: an SSL_CTX may be used by several threads at once as long as nobody changes it
/// (openssl-threads(7)), and nothing does once the initialiser is done.
package final class TLSContext: @unchecked Sendable {
    /// Which side of a handshake connections of this context are on.
    enum Role {
        case client, server
    }

    let raw: OpaquePointer
    let role: Role
    /// The keys of which the server's must be one; empty means that all are good.
    let pins: Set<TLSPin>
    /// Whether there is a certificate to show when the peer asks for one.
    let hasIdentity: Bool
    /// Whether a server with TLS 1.2 may be refused for want of forward secrecy.
    let demandsForwardSecrecyOfTLS12: Bool
    /// Whether sessions are to be kept and offered.
    let resumesSessions: Bool
    /// Whom a client trusts; nil for a server.
    let trust: TLSTrustStore?
    /// The certificate to show, with those that lead to its authority; empty where there is none.
    private(set) var identityChain: [Certificate] = []
    /// Part of the key of every session; nil for a server, which keeps none.
    package let trustDigest: TLSTrustDigest?

    /// A context for connections to servers.
    package convenience init(client settings: TLSClientSettings) throws(TLSConfigurationError) {
        try self.init(
            client: settings,
            trust: TLSTrustStore(settings.authorities, revocationListsPEM: settings.revocationListsPEM))
    }

    /// The same with `trust` made before, of the authorities and lists of `settings`.
    package init(client settings: TLSClientSettings, trust: TLSTrustStore) throws(TLSConfigurationError) {
        self.trust = trust
        raw = try TLSContext.makeRaw(TLS_client_method())
        role = .client
        pins = Set(settings.pins)
        hasIdentity = settings.identity != nil
        demandsForwardSecrecyOfTLS12 = settings.requiresForwardSecrecy && settings.minimumVersion < .tls13
        resumesSessions = settings.resumesSessions
        trustDigest = TLSTrustDigest(of: settings)
        try configure(for: settings, trusting: trust)
    }

    /// A context for connections from clients.
    package init(server settings: TLSServerSettings) throws(TLSConfigurationError) {
        trust = nil
        raw = try TLSContext.makeRaw(TLS_server_method())
        role = .server
        pins = []
        hasIdentity = true
        demandsForwardSecrecyOfTLS12 = false
        resumesSessions = settings.givesSessionTickets
        trustDigest = nil
        try configure(for: settings)
    }

    deinit {
        SSL_CTX_free(raw)
    }

    /// Until when the certificate is good that there is to show; nil where there is none.
    package var identityExpiry: WallTime? {
        identityChain.first?.notAfter?.wallTime
    }

    private static func makeRaw(_ method: OpaquePointer?) throws(TLSConfigurationError) -> OpaquePointer {
        OpenSSLError.clearQueue()
        guard let raw = SSL_CTX_new(method) else {
            throw TLSConfigurationError(.library, .refused, detail: OpenSSLError.takeText())
        }
        // SSL_OP_IGNORE_UNEXPECTED_EOF stays off: an end without close_notify has to be seen as one.
        SSL_CTX_set_options(raw, CSSL_OP_NO_COMPRESSION | CSSL_OP_NO_RENEGOTIATION)
        _ = CSSL_CTX_set_mode(raw, Int(SSL_MODE_RELEASE_BUFFERS))
        return raw
    }
}

extension TLSContext {
    /// Both ends of the range must be set: the system's openssl.cnf may have set others.
    func setVersions(_ versions: ClosedRange<TLSVersion>) throws(TLSConfigurationError) {
        guard CSSL_CTX_set_min_proto_version(raw, versions.lowerBound.number) == 1,
            CSSL_CTX_set_max_proto_version(raw, versions.upperBound.number) == 1
        else { throw TLSConfigurationError(.versions, .refused, detail: OpenSSLError.takeText()) }
    }

    /// Takes over certificate, chain and key, after a look whether they belong together.
    func setIdentity(_ identity: TLSIdentity) throws(TLSConfigurationError) {
        let chain = try PEMReader(setting: .certificate).certificates(in: identity.certificateChainPEM)
        let key = try PEMReader(setting: .key).privateKey(in: identity.keyPEM)
        defer { EVP_PKEY_free(key) }
        OpenSSLError.clearQueue()
        for (index, certificate) in chain.enumerated() {
            let accepted =
                index == 0
                ? Int(SSL_CTX_use_certificate(raw, certificate.raw)) : CSSL_CTX_add1_chain_cert(raw, certificate.raw)
            guard accepted == 1 else {
                throw TLSConfigurationError(.certificate, .refused, detail: OpenSSLError.takeText())
            }
        }
        guard let leaf = chain.first, X509_check_private_key(leaf.raw, key) == 1 else {
            throw TLSConfigurationError(.key, .keyMismatch, detail: chain.first?.subject ?? "")
        }
        guard SSL_CTX_use_PrivateKey(raw, key) == 1 else {
            throw TLSConfigurationError(.key, .refused, detail: OpenSSLError.takeText())
        }
        identityChain = chain
    }
}
