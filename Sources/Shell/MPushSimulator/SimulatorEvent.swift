package import MPushWire

/// One thing that happened in a simulator.
package struct SimulatorEvent: Equatable, Sendable {
    package enum Kind: Equatable, Sendable {
        case listening(address: String, isSecured: Bool)
        case connected(peer: String)
        /// The TLS handshake is done: the version, and whether an earlier session was taken up.
        case secured(version: String, isResumed: Bool)
        case handshaken(device: String, heartbeat: Duration)
        case resumed(device: String, heartbeat: Duration)
        case bound(user: String, tags: String)
        case unbound(user: String)
        /// The client beat.
        case heartbeat
        case pushed(number: Int32, bytes: Int)
        case acknowledged(number: Int32, latency: Duration)
        case ackTimedOut(number: Int32)
        /// The client pushed to the server.
        case pushReceived(bytes: Int)
        case proxied(uri: String)
        /// This connection was told that its user is bound elsewhere.
        case kicked(user: String)
        /// A request was answered with an ERROR.
        case refused(Command, reason: String)
        case flooded(FloodReport)
        /// A fault was done to this connection, or to the simulator.
        case fault(SimulatorFault)
        case closed(CloseReason)
    }

    /// Counts the events of a simulator from 1.
    package let number: Int
    /// Since the simulator was made.
    package let time: Duration
    package let connection: ConnectionID?
    /// Who was bound on the connection.
    package let user: String?
    package let kind: Kind

    package init(number: Int, time: Duration, connection: ConnectionID?, user: String?, kind: Kind) {
        self.number = number
        self.time = time
        self.connection = connection
        self.user = user
        self.kind = kind
    }
}
