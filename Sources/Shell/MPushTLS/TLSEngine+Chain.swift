import COpenSSL

extension TLSEngine {
    /// A chain that is longer is cut: none that is verified here comes near it.
    private static let longestChain: Int32 = 16

    /// The chain that was verified, from the peer's own certificate to the authority that is trusted (SSL_get0_verified_chain(3)).
    /// Empty before the handshake is done, and where a session was resumed: then no certificate was shown.
    package var verifiedChain: [TLSConnectionInfo.Peer] {
        guard isEstablished, let chain = SSL_get0_verified_chain(ssl) else { return [] }
        return (0..<max(0, min(Csk_X509_num(chain), TLSEngine.longestChain))).compactMap { index in
            Csk_X509_value(chain, index).map { Certificate(retaining: $0).summary }
        }
    }
}
