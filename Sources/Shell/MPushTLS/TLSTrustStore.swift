import COpenSSL
import MPushTime

/// The authorities that a client trusts, with the revocation lists: what OpenSSL judges a chain by. Read once, and shared by
/// the contexts of one configuration: a list of 100,000 entries takes about 25 MB.
///
/// `@unchecked Sendable`: an X509_STORE locks itself, and nothing here changes it once the initialiser is done.
package final class TLSTrustStore: @unchecked Sendable {
    private let raw: OpaquePointer
    private let isSystem: Bool
    /// The authorities of the configuration's own file; empty where the system's are trusted.
    let authorities: [Certificate]
    let revocationLists: [RevocationList]
    /// Whether there are delta lists among them.
    let hasDeltas: Bool

    /// - Parameter revocationListsPEM: see `TLSClientSettings`.
    package init(
        _ authorities: TLSAuthorities, revocationListsPEM: [UInt8]? = nil
    ) throws(TLSConfigurationError) {
        let lists: [RevocationList]
        if let text = revocationListsPEM {
            lists = try PEMReader(setting: .revocationLists).revocationLists(in: text)
        } else {
            lists = []
        }
        switch authorities {
        case .system:
            self.authorities = []
            isSystem = true
        case .pem(let text):
            self.authorities = try PEMReader(setting: .authorities).certificates(in: text)
            isSystem = false
        }
        revocationLists = lists
        hasDeltas = lists.contains(where: \.isDelta)
        OpenSSLError.clearQueue()
        guard let raw = X509_STORE_new() else {
            throw TLSConfigurationError(.library, .refused, detail: OpenSSLError.takeText())
        }
        self.raw = raw
        try fill()
    }

    deinit {
        X509_STORE_free(raw)
    }

    private func fill() throws(TLSConfigurationError) {
        if isSystem {
            guard X509_STORE_set_default_paths(raw) == 1 else {
                throw TLSConfigurationError(.authorities, .unreadable, detail: OpenSSLError.takeText())
            }
        } else {
            for authority in authorities where X509_STORE_add_cert(raw, authority.raw) != 1 {
                throw TLSConfigurationError(.authorities, .refused, detail: OpenSSLError.takeText())
            }
            X509_STORE_set_flags(raw, UInt(X509_V_FLAG_PARTIAL_CHAIN))
        }
        guard !revocationLists.isEmpty else { return }
        for list in revocationLists where X509_STORE_add_crl(raw, list.raw) != 1 {
            throw TLSConfigurationError(.revocationLists, .refused, detail: OpenSSLError.takeText())
        }
        // All of the chain, together with the leniency of `CertificateVerification`: see there. Without the last two flags
        // OpenSSL takes a delta list (RFC 5280 section 5.2.4) for a complete one.
        let flags =
            X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL | X509_V_FLAG_EXTENDED_CRL_SUPPORT
            | X509_V_FLAG_USE_DELTAS
        X509_STORE_set_flags(raw, UInt(flags))
    }

    /// Makes `context` judge by this.
    func use(in context: TLSContext) throws(TLSConfigurationError) {
        SSL_CTX_set1_cert_store(context.raw, raw)
    }

    /// Whether a list of `issuer`'s, its signature checked, names `certificate`; of the delta lists alone where `isDelta`.
    func isRevoked(_ certificate: Certificate, by issuer: Certificate, isDelta: Bool = false) -> Bool {
        revocationLists.contains {
            (!isDelta || $0.isDelta) && $0.isOfIssuer(of: certificate) && $0.names(certificate)
                && $0.isSigned(by: issuer)
        }
    }

    /// Until when the lists that `chain` was judged by are in date: for each authority its newest complete list, and its
    /// newest delta. Nil where there is none that ends.
    func listsEnd(for chain: [Certificate]) -> WallTime? {
        var newest: [RevocationList.Scope: WallTime] = [:]
        for list in revocationLists {
            guard let end = list.nextUpdate, chain.contains(where: { list.isOfIssuer(of: $0) }) else { continue }
            newest[list.scope] = max(newest[list.scope] ?? end, end)
        }
        return newest.values.min()
    }
}
