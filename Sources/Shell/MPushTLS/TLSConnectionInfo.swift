package import MPushTime

/// What was agreed in a handshake, for status, logs and metrics.
package struct TLSConnectionInfo: Equatable, Sendable {
    /// `TLS 1.2` or `TLS 1.3`.
    package let version: String
    /// OpenSSL's name of the cipher suite.
    package let cipher: String
    /// Whether an earlier session was taken up again.
    package let isResumed: Bool
    /// The peer's own certificate; nil when it showed none (a client that was not asked).
    package let peer: Peer?

    /// The peer's certificate in short. The texts come from outside: bounded, and nothing but printable ASCII.
    package struct Peer: Equatable, Sendable {
        /// The distinguished name of its holder (RFC 4514).
        package let subject: String
        /// The distinguished name of the authority that issued it.
        package let issuer: String
        /// When it ends; nil if the certificate does not say it readably.
        package let notAfter: WallTime?
        /// The pin of its key.
        package let pin: TLSPin?
    }
}
