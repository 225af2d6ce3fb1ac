package import MPushCause

/// What the driver of a connection has to do, in the order in which it is told.
package enum SessionAction: Equatable, Sendable {
    /// Encrypt and decrypt with these keys from now on: frames that came before are done with.
    case useKeys(CipherKeys)
    /// Send a frame.
    case send(OutgoingMessage)
    /// Send the single byte that is a heartbeat.
    case sendHeartbeat
    /// Keep the ticket, in place of any other of this identity.
    case storeTicket(SessionTicket)
    /// Forget the stored ticket: the server does not know it any more.
    case forgetTicket
    /// Hand the message to whoever keeps messages, and call `messageConfirmed` when that is done.
    case deliver(ReceivedMessage)
    /// A request that was asked for has ended.
    case complete(RequestToken, RequestOutcome)
    /// Tell people.
    case report(SessionReport)
    /// Close the connection. Nothing follows but `complete`.
    case close(LossCause)
}
