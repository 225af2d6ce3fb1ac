/// Something that happened to an identity's connection: a fact for whoever follows events, whatever the journal writes.
package struct IdentityEvent: Equatable, Sendable {
    /// What happened. The raw value is the API's stable word for it.
    package enum Kind: String, CaseIterable, Sendable {
        case online
        case connectionLost = "connection-lost"
        case attemptFailed = "attempt-failed"
        /// Many attempts failed; a summary of them.
        case waiting
        case allocatorFailed = "allocator-failed"
        case tlsRefused = "tls-refused"
        case resumeRefused = "resume-refused"
        case ticketNotStored = "ticket-not-stored"
        case bindRejected = "bind-rejected"
        case kicked
        case readMissed = "read-missed"
        case readRecovered = "read-recovered"
        case absurdHeartbeat = "absurd-heartbeat"
        case unknownCommand = "unknown-command"
        case protocolError = "protocol-error"
        case messageNotTaken = "message-not-taken"
    }

    /// The longest text in bytes of UTF-8; what is longer is cut.
    package static let longestText = 1024

    package let identity: String
    package let kind: Kind
    /// The connection's state after it; nil where it does not change that.
    package let state: ConnectionState?
    /// `LossCause.code`, where something was lost.
    package let cause: String?
    /// One line in words, at most `longestText`.
    package let text: String

    /// The event that `text`, which may hold anything, is about.
    package init(identity: String, kind: Kind, state: ConnectionState?, cause: String? = nil, text: String) {
        self.identity = identity
        self.kind = kind
        self.state = state
        self.cause = cause
        self.text = text.shown(atMost: IdentityEvent.longestText)
    }
}
