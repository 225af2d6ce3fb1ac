/// Whom a client trusts to vouch for a server.
package enum TLSAuthorities: Equatable, Sendable {
    /// The authorities that the system's OpenSSL knows (`/etc/ssl/certs` on Debian), looked up when one is needed.
    case system
    /// The certificates in this PEM text, and no other. Each one is trusted as it is, an intermediate authority or the
    /// server's own certificate included.
    case pem([UInt8])
}
