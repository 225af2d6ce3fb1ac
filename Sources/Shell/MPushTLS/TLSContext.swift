import COpenSSL
package import MPushModel

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
    let pins: Set<PublicKeyPin>
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

extension TLSContext {
    /// The least of OpenSSL's security levels (SSL_CTX_set_security_level(3)): 112 bits, so that keys of RSA have 2048 bits
    /// at least and no signature is made with SHA-1. A system that demands more gets more.
    private static let leastSecurityLevel: Int32 = 2

    func configure(for settings: TLSClientSettings, trusting trust: TLSTrustStore) throws(TLSConfigurationError) {
        guard settings.minimumVersion >= .tls12 else {
            throw TLSConfigurationError(.versions, .refused, detail: "\(settings.minimumVersion.rawValue) is not safe")
        }
        try setVersions(settings.minimumVersion ... .tls13)
        SSL_CTX_set_security_level(raw, max(SSL_CTX_get_security_level(raw), TLSContext.leastSecurityLevel))
        if settings.requiresForwardSecrecy { try requireForwardSecrecy() }
        trust.use(in: self)
        if let identity = settings.identity { try setIdentity(identity) }
        SSL_CTX_set_verify(raw, SSL_VERIFY_PEER, CertificateVerification.callback)
        SSL_CTX_set_cert_cb(raw, noteCertificateRequest, nil)
        setSessionStorage(settings.resumesSessions)
    }

    /// Leaves those of the system's cipher suites that agree on a key of their own. Those of TLS 1.3 all do, and are not in
    /// this list of names.
    private func requireForwardSecrecy() throws(TLSConfigurationError) {
        let suites = SSL_CTX_get_ciphers(raw)
        let names = (0..<max(0, Csk_SSL_CIPHER_num(suites))).compactMap { index -> String? in
            guard let suite = Csk_SSL_CIPHER_value(suites, index),
                [NID_kx_ecdhe, NID_kx_dhe].contains(SSL_CIPHER_get_kx_nid(suite))
            else { return nil }
            return SSL_CIPHER_get_name(suite).map { String(cString: $0) }
        }
        // An empty list would be an error, where TLS 1.3 alone is spoken as well.
        guard !names.isEmpty else { return try setVersions(.tls13 ... .tls13) }
        guard SSL_CTX_set_cipher_list(raw, names.joined(separator: ":")) == 1 else {
            throw TLSConfigurationError(.versions, .refused, detail: OpenSSLError.takeText())
        }
    }

    /// OpenSSL's own cache of a context knows neither host nor port, so nothing is kept in it.
    private func setSessionStorage(_ isWanted: Bool) {
        guard isWanted else {
            SSL_CTX_set_options(raw, CSSL_OP_NO_TICKET)
            _ = CSSL_CTX_set_session_cache_mode(raw, Int(SSL_SESS_CACHE_OFF))
            return
        }
        let mode = SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL
        _ = CSSL_CTX_set_session_cache_mode(raw, Int(mode))
        SSL_CTX_sess_set_new_cb(raw, keepSession)
    }
}

/// On a client, OpenSSL calls this exactly when the server has asked for a certificate. 1: go on.
private let noteCertificateRequest: @convention(c) (OpaquePointer?, UnsafeMutableRawPointer?) -> Int32 = { ssl, _ in
    HandshakeObserver.of(ssl)?.wasAskedForCertificate = true
    return 1
}

/// Called with each session that may be resumed later: at the end of the handshake in TLS 1.2, with each ticket in 1.3.
/// 1: the reference is ours now.
private let keepSession: @convention(c) (OpaquePointer?, OpaquePointer?) -> Int32 = { ssl, session in
    guard let ssl, let session, let observer = HandshakeObserver.of(ssl), let keep = observer.keepSession else {
        return 0
    }
    keep(TLSSession(owning: session, foundation: observer.foundation(of: ssl)))
    return 1
}

extension TLSContext {
    func configure(for settings: TLSServerSettings) throws(TLSConfigurationError) {
        // TLS 1.1 signs with SHA-1, which every security level above 0 forbids.
        if settings.versions.lowerBound < .tls12 { try setCiphers("DEFAULT@SECLEVEL=0") }
        if let list = settings.cipherList { try setCiphers(list) }
        try setVersions(settings.versions)
        try setIdentity(settings.identity)
        if let authorities = settings.clientAuthoritiesPEM { try demandClientCertificates(authorities) }
        setTickets(settings.givesSessionTickets)
    }

    private func setCiphers(_ list: String) throws(TLSConfigurationError) {
        guard SSL_CTX_set_cipher_list(raw, list) == 1 else {
            throw TLSConfigurationError(.versions, .refused, detail: OpenSSLError.takeText())
        }
    }

    private func demandClientCertificates(_ text: [UInt8]) throws(TLSConfigurationError) {
        let store = SSL_CTX_get_cert_store(raw)
        for authority in try PEMReader(setting: .clientAuthorities).certificates(in: text) {
            guard X509_STORE_add_cert(store, authority.raw) == 1, SSL_CTX_add_client_CA(raw, authority.raw) == 1 else {
                throw TLSConfigurationError(.clientAuthorities, .refused, detail: OpenSSLError.takeText())
            }
        }
        X509_STORE_set_flags(store, UInt(X509_V_FLAG_PARTIAL_CHAIN))
        SSL_CTX_set_verify(
            raw, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, CertificateVerification.callback)
    }

    /// Without a session id context, OpenSSL refuses to resume any session when client certificates are demanded. The
    /// tickets are all there is: the cache of a context would keep every session for hours.
    private func setTickets(_ areGiven: Bool) {
        let name = Array("mpush".utf8)
        SSL_CTX_set_session_id_context(raw, name, UInt32(name.count))
        _ = CSSL_CTX_set_session_cache_mode(raw, Int(SSL_SESS_CACHE_OFF))
        guard !areGiven else { return }
        SSL_CTX_set_options(raw, CSSL_OP_NO_TICKET)
        SSL_CTX_set_num_tickets(raw, 0)
    }
}
