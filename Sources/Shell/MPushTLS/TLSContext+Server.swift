import COpenSSL

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
