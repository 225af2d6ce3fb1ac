import Glibc
import MPushModel
import MPushTLS
package import MPushWire
import NIOCore

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

/// The number of a connection, counted from 1 in each simulator, in the order in which they were accepted.
package struct ConnectionID: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let number: UInt64

    package init(_ number: UInt64) {
        self.number = number
    }

    package var description: String { "#\(number)" }

    package static func < (left: ConnectionID, right: ConnectionID) -> Bool { left.number < right.number }
}

/// Why a connection to the simulator ended, seen from the simulator.
package enum CloseReason: Equatable, Sendable {
    /// The client closed it.
    case byClient
    /// The client reset it, or closed it without having read all.
    case resetByClient
    /// The server closed it after an ERROR.
    case refusal
    /// Three reads were missed in a row.
    case missedReads
    /// A frame longer than the server takes.
    case oversize
    /// A fault that somebody asked for.
    case fault
    /// The simulator was shut down.
    case shutdown
    /// TLS or the network failed, in the words of the system.
    case failure(String)
}

extension CloseReason: CustomStringConvertible {
    package var description: String {
        switch self {
        case .byClient: "by the client"
        case .resetByClient: "reset by the client"
        case .refusal: "after the error"
        case .missedReads: "three missed reads"
        case .oversize: "oversize frame"
        case .fault: "as asked"
        case .shutdown: "shutdown"
        case .failure(let words): words
        }
    }
}

extension CloseReason {
    /// The reason that an error in a connection's pipeline is.
    init(_ error: any Error) {
        switch error {
        case let error as TLSError: self = .failure("TLS: " + Self.text(of: error.failure))
        case let error as IOError where error.errnoCode == ECONNRESET: self = .resetByClient
        default: self = .failure(SystemErrorText.describe(error))
        }
    }

    private static func text(of failure: TLSFailure) -> String {
        switch failure {
        case .timedOut(let timeout): "no handshake within \(timeout)"
        case .expired(let detail), .notYetValid(let detail), .wrongHost(let detail), .unknownAuthority(let detail),
            .revoked(let detail), .noPinMatched(let detail), .badCertificate(let detail),
            .protocolVersion(let detail), .clientCertificateRefused(let detail), .peerClosed(let detail),
            .other(let detail):
            detail.isEmpty ? failure.code : "\(failure.code): \(detail)"
        }
    }
}
