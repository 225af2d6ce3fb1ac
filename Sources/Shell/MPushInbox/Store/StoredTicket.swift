import MPushModel
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

/// Session tickets. They are keys: whoever reads the file can take a session over, so it is its owner's alone.
extension InboxStore {
    private static let allTickets = SQL(
        "SELECT identity, server, device, session, key, iv, expires, client FROM ticket")
    private static let removeTicket = SQL("DELETE FROM ticket WHERE identity = ?1")
    private static let keepTicket = SQL("INSERT OR REPLACE INTO ticket VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)")

    /// All tickets; one that cannot be one is passed over.
    func tickets() throws(SQLiteError) -> [StoredTicket] {
        try database.statement(InboxStore.allTickets).rows { row in
            let session = row.bytes(3)
            guard !session.isEmpty,
                let keys = CipherKeys(key: SecretBytes(row.bytes(4)), iv: SecretBytes(row.bytes(5)))
            else { return nil }
            let expires = row.isNull(6) ? nil : row.wallTime(6)
            return StoredTicket(
                identity: row.text(0), serverKey: row.text(1),
                ticket: SessionTicket(
                    sessionID: SecretBytes(session), keys: keys, deviceID: row.text(2),
                    client: row.text(7), expires: expires))
        }
    }

    /// Keeps `stored` for `identity` in place of the one before; nil forgets that.
    func keep(_ stored: StoredTicket?, of identity: String) throws(SQLiteError) {
        guard let stored else {
            try database.statement(InboxStore.removeTicket).bind(1, identity).run()
            return
        }
        let ticket = stored.ticket
        try database.statement(InboxStore.keepTicket)
            .bind(1, identity).bind(2, stored.serverKey).bind(3, ticket.deviceID)
            .bind(4, ticket.sessionID.exposed).bind(5, ticket.keys.key.exposed).bind(6, ticket.keys.iv.exposed)
            .bind(7, ticket.expires?.millisecondsSince1970).bind(8, ticket.client).run()
    }
}
