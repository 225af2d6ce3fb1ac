import COpenSSL

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
