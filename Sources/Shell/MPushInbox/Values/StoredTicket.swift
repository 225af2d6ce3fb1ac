package import MPushSession

/// An identity's session ticket, as it outlives the daemon.
package struct StoredTicket: Equatable, Sendable {
    package let identity: String
    /// The fingerprint of the RSA key of the server that the session is with: of no use with another.
    package let serverKey: String
    package let ticket: SessionTicket

    package init(identity: String, serverKey: String, ticket: SessionTicket) {
        self.identity = identity
        self.serverKey = serverKey
        self.ticket = ticket
    }
}
