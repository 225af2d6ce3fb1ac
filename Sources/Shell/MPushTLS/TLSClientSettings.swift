/// Everything that decides which server a client trusts and how it shows itself. All bytes, no file names: the caller
/// reads the files, and puts file and line to a `TLSConfigurationError`.
///
/// There is no setting that turns a check off.
package struct TLSClientSettings: Sendable {
    /// Who may vouch for the server.
    package var authorities: TLSAuthorities = .system
    /// Revocation lists (PEM, one or more). With one given, a list of the authority that issued the server's certificate
    /// must be among them and in date; those of the authorities above it are used where they are there.
    package var revocationListsPEM: [UInt8]?
    /// The certificate to show when the server asks for one.
    package var identity: TLSIdentity?
    /// When not empty: the server's own key must be one of these, on top of all other checks.
    package var pins: [TLSPin] = []
    /// The oldest version to accept, 1.2 or 1.3. The newest that both sides know is taken.
    package var minimumVersion: TLSVersion = .tls12
    /// Whether TLS 1.2 has to agree on a key of its own for each connection (ECDHE or DHE), so that what was said stays
    /// secret when the server's key becomes known later. TLS 1.3 always does.
    package var requiresForwardSecrecy = true
    /// Whether sessions are kept and offered again (only together with a `TLSSessionCache`).
    package var resumesSessions = true

    package init() {}
}
