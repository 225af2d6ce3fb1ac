package import MPushCipher
package import MPushInbox
import MPushModel
package import MPushSession
import MPushSystemd

/// Keeps one identity's session ticket in the inbox's database, so that a session survives a restart. Belongs to its
/// event loop.
package final class TicketKeeper {
    private let inbox: Inbox
    private var log: IdentityLog
    private let onIdle: () -> Void
    private var name: String
    /// The fingerprint of the server's RSA key: a ticket is of no use with another.
    private var serverKey: String
    private var writing = 0
    private var hasComplained = false
    /// The ticket in force; what is stored, or about to be.
    package private(set) var ticket: SessionTicket?

    /// The keeper of the identity `name`, for the server whose RSA key is one of `serverKeys`; `stored` is what the inbox has
    /// for the identity. `onIdle` hears that all is written.
    package init(
        of name: String, stored: StoredTicket?, serverKeys: [RSAPublicKey], inbox: Inbox, log: IdentityLog,
        onIdle: @escaping () -> Void
    ) {
        self.name = name
        self.inbox = inbox
        self.log = log
        self.onIdle = onIdle
        let known = serverKeys.map(\.fingerprint.description)
        let kept = stored.flatMap { known.contains($0.serverKey) ? $0 : nil }
        serverKey = kept?.serverKey ?? known.first ?? ""
        ticket = kept?.ticket
    }

    /// Whether the inbox has what `ticket` says, as far as that could be brought about.
    package var isIdle: Bool { writing == 0 }

    /// Keeps `ticket` in place of the one before; nil forgets that.
    package func keep(_ ticket: SessionTicket?) {
        guard ticket != self.ticket else { return }
        self.ticket = ticket
        write()
    }

    /// The server has another RSA key now: the ticket is worthless.
    package func serverKeyChanged(to key: RSAPublicKey) {
        serverKey = key.fingerprint.description
        keep(nil)
    }

    /// The identity's name is `new` now, and its log is `log`.
    package func renamed(to new: String, log: IdentityLog) {
        self.log = log
        guard new != name else { return }
        write(nil)
        name = new
        write()
    }

    /// The inbox began anew, and knows no ticket.
    package func inboxBegunAnew() {
        if ticket != nil { write() }
    }

    private func write() {
        write(ticket.map { StoredTicket(identity: name, serverKey: serverKey, ticket: $0) })
    }

    private func write(_ stored: StoredTicket?) {
        writing += 1
        inbox.keepTicket(stored, of: name) { [weak self] failure in self?.written(failure) }
    }

    private func written(_ failure: InboxFailure?) {
        writing -= 1
        if let failure { complain(failure) } else { hasComplained = false }
        if isIdle { onIdle() }
    }

    private func complain(_ failure: InboxFailure) {
        guard !hasComplained else { return }
        hasComplained = true
        log.ticketNotStored(failure.detail)
    }
}
