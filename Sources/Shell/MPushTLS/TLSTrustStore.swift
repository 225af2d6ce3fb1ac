import COpenSSL
import MPushModel

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
    /// The newest delta list of each scope, but those that a complete list has overtaken. OpenSSL is not shown them: it takes
    /// a delta for a complete list, or passes over it, by rules that let a revoked server through.
    let deltas: [RevocationList]

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
        deltas = RevocationList.deltasInForce(among: lists)
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
        for list in revocationLists where !list.isDelta && X509_STORE_add_crl(raw, list.raw) != 1 {
            throw TLSConfigurationError(.revocationLists, .refused, detail: OpenSSLError.takeText())
        }
        // All of the chain, together with the leniency of `CertificateVerification`: see there. (Setting flags cannot fail.)
        X509_STORE_set_flags(raw, UInt(X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL))
    }

    /// Makes `context` judge by this.
    func use(in context: TLSContext) {
        SSL_CTX_set1_cert_store(context.raw, raw)
    }

    /// Whether one of `lists`, of `issuer`'s by its signature, names `certificate`.
    func isRevoked(_ certificate: Certificate, by issuer: Certificate, in lists: [RevocationList]) -> Bool {
        lists.contains { $0.isOfIssuer(of: certificate) && $0.names(certificate) && $0.isSigned(by: issuer) }
    }

    /// Until when the lists that `chain` was judged by are in date: of each scope the one that lasts longest. Nil where there
    /// is none that ends.
    func listsEnd(for chain: [Certificate]) -> WallTime? {
        var newest: [RevocationList.Scope: WallTime] = [:]
        for list in revocationLists where !list.isDelta {
            guard let end = list.nextUpdate, chain.contains(where: { list.isOfIssuer(of: $0) }) else { continue }
            newest[list.scope] = max(newest[list.scope] ?? end, end)
        }
        return newest.values.min()
    }
}
