/// Why a connection ended, or could not be made: the closed list that the journal, STATUS=, the metrics and `mpushctl`
/// share. Nothing is ever lost without one.
package enum LossCause: Equatable, Sendable {
    /// The allocator did not tell us where to connect to.
    case allocator(detail: String)
    /// A name could not be turned into an address.
    case resolve(host: String, detail: String)
    /// No address could be connected to. `detail` has what the operating system said of each.
    case connect(detail: String)
    /// TLS was refused, by us or by the peer, or failed later.
    case tls(TLSFailure)
    /// The server did not answer HANDSHAKE or FAST_CONNECT as it must, or not in time.
    case handshake(HandshakeFailure)
    /// The server did not let us BIND, or did not answer in time.
    case bind(detail: String)
    /// Nothing came from the server for too long.
    case missedReads(count: Int, silence: Duration)
    /// The server moved the user to another client of the same type.
    case kicked
    /// The server closed the connection in good order. `detail` has its last ERROR, where there was one.
    case closedByPeer(detail: String?)
    /// The connection broke: reset, timed out by TCP, network gone. `detail` has the operating system's words.
    case reset(detail: String)
    /// The server sent what the protocol does not know, or what is over our limits.
    case protocolError(detail: String)
    /// An operator asked for a new connection.
    case operatorRequest
    /// The configuration was changed in a way that this connection cannot follow.
    case reconfigured
    /// An operator paused the identity.
    case paused
    /// The daemon is stopping.
    case localStop
    /// Something of our own failed: no memory, no descriptors, OpenSSL refused a good call.
    case ownFault(detail: String)

    /// A stable word for fields, metrics and scripts.
    package var code: String {
        switch self {
        case .allocator: "allocator"
        case .resolve: "resolve"
        case .connect: "connect"
        case .tls: "tls"
        case .handshake: "handshake"
        case .bind: "bind"
        case .missedReads: "missed-reads"
        case .kicked: "kicked"
        case .closedByPeer: "closed-by-peer"
        case .reset: "reset"
        case .protocolError: "protocol-error"
        case .operatorRequest: "operator-request"
        case .reconfigured: "reconfigured"
        case .paused: "paused"
        case .localStop: "local-stop"
        case .ownFault: "own-fault"
        }
    }

    /// All codes, in the order of the list: for metrics, documents and the tests that compare them.
    package static let allCodes = [
        "allocator", "resolve", "connect", "tls", "handshake", "bind", "missed-reads", "kicked", "closed-by-peer",
        "reset", "protocol-error", "operator-request", "reconfigured", "paused", "local-stop", "own-fault",
    ]

    /// Whether we ended the connection on purpose: then nothing is wrong and nothing needs to be said loudly.
    package var isIntended: Bool {
        switch self {
        case .operatorRequest, .reconfigured, .paused, .localStop: true
        case .allocator, .resolve, .connect, .tls, .handshake, .bind, .missedReads, .kicked, .closedByPeer, .reset,
            .protocolError, .ownFault:
            false
        }
    }
}
