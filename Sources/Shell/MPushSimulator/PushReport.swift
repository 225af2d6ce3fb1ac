/// What became of a push.
package struct PushReport: Equatable, Sendable {
    package enum Outcome: Equatable, Sendable {
        /// No ack was asked for: it was handed to the socket.
        case sent
        /// The ACK came after this time.
        case acknowledged(after: Duration)
        /// No ACK came in time.
        case timedOut
        /// The connection was lost before the ACK came.
        case lost
    }

    package let connection: ConnectionID
    /// The frame's sessionId.
    package let number: Int32
    package let outcome: Outcome

    package init(connection: ConnectionID, number: Int32, outcome: Outcome) {
        self.connection = connection
        self.number = number
        self.outcome = outcome
    }
}
