package import MPushCause
package import MPushSession
package import MPushTLS

/// Who a connection's driver reports to: the runner of its identity. Called on the connection's event loop.
package protocol ConnectionObserver: AnyObject {
    /// TLS is done; nil for plaintext. The session begins.
    func connectionSecured(_ info: TLSConnectionInfo?)
    /// The session has news for people.
    func sessionReported(_ report: SessionReport)
    /// A ticket to be kept, or nil when the kept one is to be forgotten.
    func ticketChanged(_ ticket: SessionTicket?)
    /// All messages that one read brought, in their order. Confirm each with `ConnectionHandler.messagesConfirmed`.
    func messagesReceived(_ messages: [ReceivedMessage])
    /// A request of an operator or program has ended.
    func requestCompleted(_ token: RequestToken, _ outcome: RequestOutcome)
    /// The connection is gone. The last call.
    func connectionEnded(_ cause: LossCause)
}
