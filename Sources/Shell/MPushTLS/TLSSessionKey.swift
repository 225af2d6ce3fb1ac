/// For what a session may be used. A resumed handshake skips the checks of certificate and host name, so a session is
/// only ever offered where they would have come out the same.
package struct TLSSessionKey: Hashable, Sendable {
    /// The name or address that the certificate was checked against.
    package let host: String
    package let port: Int
    /// What the client trusted, and as whom it showed itself.
    package let trust: TLSTrustDigest

    package init(host: String, port: Int, trust: TLSTrustDigest) {
        self.host = host
        self.port = port
        self.trust = trust
    }
}
