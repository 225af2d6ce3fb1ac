package import MPushModel
package import MPushSession
package import MPushTLS
package import NIOCore

/// Who a connection's driver reports to: the runner of its identity. Called on the connection's event loop.
package protocol ConnectionObserver: AnyObject {
    /// TLS is done; nil for plaintext. The session begins.
    func connectionSecured(_ info: TLSConnectionInfo?)
    /// `ConnectionHandler.state` is another than it was.
    func sessionStateChanged()
    /// The session has news for people.
    func sessionReported(_ report: SessionReport)
    /// A ticket to be kept, or nil when the kept one is to be forgotten.
    func ticketChanged(_ ticket: SessionTicket?)
    /// Messages that one read brought, in their order, for the `user` that the server had bound when they came; nil where
    /// that is not known. Confirm each with `ConnectionHandler.messagesConfirmed`.
    func messagesReceived(_ messages: [ReceivedMessage], user: String?)
    /// A request of an operator or program has ended.
    func requestCompleted(_ token: RequestToken, _ outcome: RequestOutcome)
    /// The connection is gone. The last call.
    func connectionEnded(_ cause: LossCause)
}

/// What there is to see of a connection.
extension ConnectionHandler {
    /// Where the session is; nil while TLS is at work.
    package var state: SessionState? { machine.state }

    /// How alive the connection is; nil before the session is open.
    package var health: HealthReading? { machine.health }

    /// The longest silence before what had no answer at the end; nil where all had one.
    package var silenceAtEnd: Silence? { machine.silenceAtEnd }

    /// What the session knows that outlives it: the next one's at the end.
    package var carryover: SessionCarryover { machine.carryover }

    /// How long `body` is as it is sent; nil where that need not be found out, because it is short enough as it is.
    package func sealedLength(of body: ByteBuffer) -> Int? {
        machine.exceedsMaximum(body) ? codec.sealedLength(of: body) : nil
    }

    /// See `TLSHandler.verifiedChain`; empty without TLS.
    package var verifiedChain: [TLSConnectionInfo.Peer] { tls?.verifiedChain ?? [] }

    /// See `TLSHandler.shownChain`; empty without TLS, and once the observer has heard of the end.
    package var shownChain: [ShownCertificate] { tls?.shownChain ?? [] }

    /// Whether a KICK ended the session that is of no matter any more.
    package var isKickMoot: Bool { machine.isKickMoot }

    /// Whether a deadline passed more than `grace` before `now`: then the driver is stuck.
    package func isOverdue(at now: Instant, grace: Duration) -> Bool {
        nextDeadline.map { now - $0 > grace } ?? false
    }
}

extension ConnectionHandler {
    /// The way to the server is another one, or the machine has slept: see `SessionStateMachine.pathDoubted`.
    package func askServer(because reason: String?) {
        tell { machine, now in machine.pathDoubted(reason, at: now) }
    }

    /// Asks the server this often from now on, but no more seldom than it asks for.
    package func beat(every interval: Duration) {
        tell { machine, _ in
            machine.beat(every: interval)
            return []
        }
    }
}

/// What a connection has sent.
package struct ConnectionTally: Equatable, Sendable {
    package var heartbeats: UInt64 = 0
    package var acknowledgements: UInt64 = 0
}

/// The messages that were decoded and not handed over yet: those of one read and one user, or as many as are kept at a
/// time.
struct MessageBatch {
    private static let mostMessages = 1024
    private static let mostBytes = 1 << 20

    private var messages: [ReceivedMessage] = []
    private var bytes = 0
    /// Whom they are for; nil where that is not known.
    private(set) var user: String?

    /// Whether it is time to hand them over, though more may have come.
    var isFull: Bool { messages.count >= MessageBatch.mostMessages || bytes >= MessageBatch.mostBytes }

    /// Whether one for `user` can stand with the others.
    func takes(_ user: String?) -> Bool { messages.isEmpty || self.user == user }

    mutating func append(_ message: ReceivedMessage, user: String?) {
        self.user = user
        messages.append(message)
        bytes += message.content.readableBytes
    }

    /// Empties the batch; nil where it is empty.
    mutating func takeAll() -> [ReceivedMessage]? {
        guard !messages.isEmpty else { return nil }
        defer { self = MessageBatch() }
        return messages
    }
}
