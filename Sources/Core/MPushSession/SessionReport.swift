package import MPushWire

/// What people should hear of a session. The driver turns it into a line of the journal.
package enum SessionReport: Equatable, Sendable {
    /// HANDSHAKE or FAST_CONNECT was answered, and no user is wished: no BIND is sent until `bindRequested`.
    case opened(isResumed: Bool, heartbeat: Duration)
    /// HANDSHAKE or FAST_CONNECT was answered, BIND as well: messages can come.
    case online(OnlineReport)
    /// The stored session was refused; a handshake follows on the same connection.
    case resumeRefused(reason: String)
    /// The server asked for a heartbeat that makes no sense.
    case absurdHeartbeat(asked: Duration, used: Duration)
    /// A read was missed. With `isAsking` a heartbeat went out to confirm it.
    case readMissed(silence: Duration, isAsking: Bool)
    /// Bytes came after a missed read.
    case readRecovered
    /// The heartbeat was answered.
    case heartbeatAnswered(roundTrip: Duration)
    /// The server confirmed new tags, another user, or the first user of a session that was opened without one.
    case rebound(userID: String, tags: [String])
    /// The server does not take the user that an operator wanted, or one connection after the other has ended without an
    /// answer: it is not wished any more, and `instead` is again. Where both are one user, that goes for new tags.
    case userDropped(String, reason: String, instead: String)
    /// The server confirmed that no user is bound any more.
    case unbound
    /// A command that no server sends to a client. Said once for each.
    case unhandledCommand(Command)
    /// An ERROR that answers nothing we asked; the server often closes after it.
    case serverError(command: Command, code: ReasonCode, reason: String)
    /// A KICK that names another device or user.
    case kickForAnother(deviceID: String, userID: String)
    /// A KICK for the user that was given up here: whoever has the user now is welcome to it.
    case kickAfterUnbind(userID: String)
    /// A message came that is longer than a limit of ours; it is neither handed on nor acknowledged.
    case messageTooLong(SizeExcess)
    /// The server does not make HTTP requests for clients: do not ask this server again.
    case httpProxyUnsupported
}

/// What is known at the moment at which a session is bound.
package struct OnlineReport: Equatable, Sendable {
    package let userID: String
    /// Whether a stored session was resumed, without RSA.
    package let isResumed: Bool
    /// The heartbeat in force.
    package let heartbeat: Duration
    /// From the secured connection to the answer to BIND.
    package let elapsed: Duration

    package init(userID: String, isResumed: Bool, heartbeat: Duration, elapsed: Duration) {
        self.userID = userID
        self.isResumed = isResumed
        self.heartbeat = heartbeat
        self.elapsed = elapsed
    }
}
