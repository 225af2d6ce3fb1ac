/// What a server shows and demands.
package struct TLSServerSettings: Sendable {
    /// The certificate and key of the server.
    package var identity: TLSIdentity
    /// When given (PEM), every client must show a certificate that these authorities vouch for.
    package var clientAuthoritiesPEM: [UInt8]?
    /// The versions to speak. Below 1.2, OpenSSL's security level is lowered to 0 too: for tests only.
    package var versions: ClosedRange<TLSVersion> = .tls12 ... .tls13
    /// The cipher suites of TLS 1.2 to agree to, in OpenSSL's notation (openssl-ciphers(1)); nil for the usual ones.
    package var cipherList: String?
    /// Whether tickets for resumption are given out (stateless: the server keeps nothing).
    package var givesSessionTickets = true

    package init(identity: TLSIdentity) {
        self.identity = identity
    }
}
