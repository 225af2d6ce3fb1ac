import COpenSSL
package import MPushModel

extension TLSEngine {
    /// A chain that is longer is cut: OpenSSL's own bound for what is verified is 100.
    private static let longestChain: Int32 = 128

    /// The chain that was verified, from the peer's own certificate to the authority that is trusted (SSL_get0_verified_chain(3)).
    /// Empty before the handshake is done, and where a session was resumed: then no certificate was shown.
    package var verifiedChain: [TLSConnectionInfo.Peer] {
        isEstablished ? TLSEngine.verifiedChain(of: ssl).map(\.summary) : []
    }

    /// What the peer showed, its own certificate first, whether it was good or not (SSL_get_peer_cert_chain(3)). Empty where
    /// it showed nothing.
    package var shownChain: [ShownCertificate] {
        let refused = observer.refusedChain
        let shown = refused.isEmpty ? TLSEngine.certificates(of: SSL_get_peer_cert_chain(ssl)) : refused
        return shown.map(\.shown)
    }

    static func verifiedChain(of ssl: OpaquePointer) -> [Certificate] {
        certificates(of: SSL_get0_verified_chain(ssl))
    }

    static func certificates(of chain: OpaquePointer?) -> [Certificate] {
        guard let chain else { return [] }
        return (0..<max(0, min(Csk_X509_num(chain), longestChain))).compactMap { index in
            Csk_X509_value(chain, index).map { Certificate(retaining: $0) }
        }
    }
}

/// What a chain is in the eyes of a client, without a handshake: for tests of the judgement itself.
package struct ChainJudgement: Equatable, Sendable {
    /// Why it is refused; nil where it is good.
    package let failure: TLSFailure?
    /// Its certificates, as far as they could be read, as they are shown.
    package let certificates: [TLSConnectionInfo.Peer]
}

extension TLSEngine {
    /// What this connection, a client's, would say of `chain`: certificates in DER, the peer's own first. It takes the way of
    /// the handshake, with the same store, names, flags and callback. Nil where the first cannot even be read.
    package func judgement(of chain: [[UInt8]]) -> ChainJudgement? {
        OpenSSLError.clearQueue()
        defer { OpenSSLError.clearQueue() }
        guard context.role == .client, let encoded = chain.first, let leaf = Certificate(encoded: encoded),
            let judge = X509_STORE_CTX_new()
        else { return nil }
        defer { X509_STORE_CTX_free(judge) }
        let others = chain.dropFirst().compactMap { Certificate(encoded: $0) }
        guard let stack = Csk_X509_new() else { return nil }
        defer { Csk_X509_free(stack) }
        return withExtendedLifetime(others) {
            for other in others where Csk_X509_push(stack, other.raw) <= 0 { return nil }
            guard X509_STORE_CTX_init(judge, SSL_CTX_get_cert_store(context.raw), leaf.raw, stack) == 1,
                X509_STORE_CTX_set_ex_data(
                    judge, SSL_get_ex_data_X509_STORE_CTX_idx(), UnsafeMutableRawPointer(ssl)) == 1,
                X509_STORE_CTX_set_default(judge, "ssl_server") == 1,
                X509_VERIFY_PARAM_set1(X509_STORE_CTX_get0_param(judge), SSL_get0_param(ssl)) == 1
            else { return nil }
            X509_VERIFY_PARAM_set_auth_level(X509_STORE_CTX_get0_param(judge), SSL_get_security_level(ssl))
            X509_STORE_CTX_set_verify_cb(judge, CertificateVerification.callback)
            let isGood = X509_verify_cert(judge) == 1
            let refusal = observer.refusal ?? .other(detail: "OpenSSL gave no reason")
            return ChainJudgement(
                failure: isGood ? nil : refusal, certificates: ([leaf] + others).map(\.summary))
        }
    }
}
