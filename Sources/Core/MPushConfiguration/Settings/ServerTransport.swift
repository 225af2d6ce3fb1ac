/// What the connection to the server runs on.
package enum ServerTransport: String, CaseIterable, Sendable {
    /// TLS over TCP.
    case tls
    /// TCP alone. Never a default, and warned of at each start.
    case plaintext
}
