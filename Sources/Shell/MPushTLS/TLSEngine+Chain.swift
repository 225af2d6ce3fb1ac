import COpenSSL

extension TLSEngine {
    /// A chain that is longer is cut: OpenSSL's own bound for what is verified is 100.
    private static let longestChain: Int32 = 128

    /// The chain that was verified, from the peer's own certificate to the authority that is trusted (SSL_get0_verified_chain(3)).
    /// Empty before the handshake is done, and where a session was resumed: then no certificate was shown.
    package var verifiedChain: [TLSConnectionInfo.Peer] {
        isEstablished ? TLSEngine.verifiedChain(of: ssl).map(\.summary) : []
    }

    static func verifiedChain(of ssl: OpaquePointer) -> [Certificate] {
        guard let chain = SSL_get0_verified_chain(ssl) else { return [] }
        return (0..<max(0, min(Csk_X509_num(chain), longestChain))).compactMap { index in
            Csk_X509_value(chain, index).map { Certificate(retaining: $0) }
        }
    }
}
