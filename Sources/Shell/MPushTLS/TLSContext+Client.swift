import COpenSSL

extension TLSContext {
    func configure(for settings: TLSClientSettings) throws(TLSConfigurationError) {
        guard settings.minimumVersion >= .tls12 else {
            throw TLSConfigurationError(.versions, .refused, detail: "\(settings.minimumVersion.rawValue) is not safe")
        }
        try setVersions(settings.minimumVersion ... .tls13)
        try setAuthorities(settings.authorities)
        if let lists = settings.revocationListsPEM { try setRevocationLists(lists) }
        if let identity = settings.identity { try setIdentity(identity) }
        SSL_CTX_set_verify(raw, SSL_VERIFY_PEER, CertificateVerification.callback)
        SSL_CTX_set_cert_cb(raw, noteCertificateRequest, nil)
        setSessionStorage(settings.resumesSessions)
    }

    private func setAuthorities(_ authorities: TLSAuthorities) throws(TLSConfigurationError) {
        switch authorities {
        case .system:
            guard SSL_CTX_set_default_verify_paths(raw) == 1 else {
                throw TLSConfigurationError(.authorities, .unreadable, detail: OpenSSLError.takeText())
            }
        case .pem(let text):
            try trust(pem: text, setting: .authorities)
        }
    }

    /// `X509_V_FLAG_CRL_CHECK_ALL` together with the leniency of `CertificateVerification`: see there.
    private func setRevocationLists(_ text: [UInt8]) throws(TLSConfigurationError) {
        let lists = try PEMReader(setting: .revocationLists).revocationLists(in: text)
        let store = SSL_CTX_get_cert_store(raw)
        for list in lists where X509_STORE_add_crl(store, list.raw) != 1 {
            throw TLSConfigurationError(.revocationLists, .refused, detail: OpenSSLError.takeText())
        }
        X509_STORE_set_flags(store, UInt(X509_V_FLAG_CRL_CHECK) | UInt(X509_V_FLAG_CRL_CHECK_ALL))
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
    guard let session, let keep = HandshakeObserver.of(ssl)?.keepSession else { return 0 }
    keep(TLSSession(owning: session))
    return 1
}
