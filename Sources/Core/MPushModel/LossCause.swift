/// Why a connection ended, or could not be made: the closed list that the journal, STATUS=, the metrics and `mpushctl`
/// share. Nothing is ever lost without one.
package enum LossCause: Equatable, Sendable {
    /// The allocator did not tell us where to connect to.
    case allocator(detail: String)
    /// A name could not be turned into an address.
    case resolve(host: String, detail: String)
    /// No address could be connected to. `detail` has what the operating system said of each.
    case connect(detail: String)
    /// The proxy between us and the server did not lead there, or ended what it had made.
    case proxy(ProxyURL, ProxyFailure)
    /// TLS was refused, by us or by the peer, or failed later.
    case tls(TLSFailure)
    /// A certificate was refused for its dates, and this machine's clock, which showed `at`, is not believed.
    case clock(TLSFailure, ClockDoubt, at: WallTime)
    /// The server did not answer HANDSHAKE or FAST_CONNECT as it must, or not in time.
    case handshake(HandshakeFailure)
    /// The server did not let us BIND, or did not answer in time.
    case bind(detail: String)
    /// Nothing came from the server for too long.
    case missedReads(count: Int, silence: Duration)
    /// This machine's network changed: the connection's address is gone, or the way to the server is another one and the server
    /// does not answer. `detail` says which.
    case networkChanged(detail: String)
    /// The server moved the user to another client of the same type.
    case kicked
    /// The server closed the connection in good order. `detail` has its last ERROR, where there was one.
    case closedByPeer(detail: String?)
    /// The connection broke: reset, timed out by TCP, network gone. `detail` has the operating system's words.
    case reset(detail: String)
    /// The server sent what the protocol does not know, or what is over our limits.
    case protocolError(detail: String)
    /// A server that is preferred is there again.
    case preferredEndpoint
    /// An operator asked for a new connection.
    case operatorRequest
    /// The configuration was changed in a way that this connection cannot follow.
    case reconfigured
    /// An operator paused the identity.
    case paused
    /// The daemon is stopping.
    case localStop
    /// The attempt could not be made: this machine, or this process, is short of descriptors, threads or memory.
    case shortage(detail: String)
    /// Something of our own failed: a step that hangs, a good call that OpenSSL refused.
    case ownFault(detail: String)

    /// A stable word for fields, metrics and scripts.
    package var code: String {
        switch self {
        case .allocator: "allocator"
        case .resolve: "resolve"
        case .connect: "connect"
        case .proxy(_, let failure): failure.code
        case .tls: "tls"
        case .clock: "clock"
        case .handshake: "handshake"
        case .bind: "bind"
        case .missedReads: "missed-reads"
        case .networkChanged: "network-changed"
        case .kicked: "kicked"
        case .closedByPeer: "closed-by-peer"
        case .reset: "reset"
        case .protocolError: "protocol-error"
        case .preferredEndpoint: "preferred-endpoint"
        case .operatorRequest: "operator-request"
        case .reconfigured: "reconfigured"
        case .paused: "paused"
        case .localStop: "local-stop"
        case .shortage: "shortage"
        case .ownFault: "own-fault"
        }
    }

    /// All codes, in the order of the list: for metrics, documents and the tests that compare them.
    package static let allCodes = [
        "allocator", "resolve", "connect", "proxy-refused", "proxy-authentication", "proxy-forbidden", "proxy",
        "proxy-idle", "tls", "clock", "handshake", "bind", "missed-reads", "network-changed", "kicked",
        "closed-by-peer", "reset",
        "protocol-error", "preferred-endpoint", "operator-request", "reconfigured", "paused", "local-stop",
        "shortage", "own-fault",
    ]

    /// Whether we ended the connection on purpose: then nothing is wrong and nothing needs to be said loudly.
    package var isIntended: Bool {
        switch self {
        case .preferredEndpoint, .operatorRequest, .reconfigured, .paused, .localStop: true
        case .allocator, .resolve, .connect, .proxy, .tls, .clock, .handshake, .bind, .missedReads, .networkChanged,
            .kicked,
            .closedByPeer, .reset, .protocolError, .shortage, .ownFault:
            false
        }
    }

    /// Whether it lasts until somebody sets this machine's clock.
    package var isOfClock: Bool {
        if case .clock = self { true } else { false }
    }

    /// Whether the peer has fallen silent: nothing more is to be expected of it.
    package var isOfSilence: Bool {
        switch self {
        case .missedReads, .handshake(.noAnswer): true
        case .allocator, .resolve, .connect, .proxy, .tls, .clock, .handshake, .bind, .networkChanged, .kicked,
            .closedByPeer, .reset,
            .protocolError, .preferredEndpoint, .operatorRequest, .reconfigured, .paused, .localStop, .shortage,
            .ownFault:
            false
        }
    }

    /// Whether the connection ended without a word of the server.
    package var isBareEnd: Bool {
        switch self {
        case .closedByPeer(nil), .reset, .tls(.peerClosed): true
        case .closedByPeer, .tls, .clock, .allocator, .resolve, .connect, .proxy, .handshake, .bind, .missedReads,
            .networkChanged, .kicked,
            .protocolError, .preferredEndpoint, .operatorRequest, .reconfigured, .paused, .localStop, .shortage,
            .ownFault:
            false
        }
    }

    /// Whether the connection ended for what happened to this machine's network: the server has no part in it.
    package var isNetworkChange: Bool {
        if case .networkChanged = self { true } else { false }
    }

    /// Whether no server was asked, for want of something that this machine may have again soon.
    package var isShortage: Bool {
        if case .shortage = self { true } else { false }
    }
}

extension LossCause {
    /// The cause in words, without a full stop, to stand after "connection lost:" or "no connection:".
    package var sentence: String {
        switch self {
        case .allocator(let detail): "the allocator named no server: \(detail)"
        case .resolve(let host, let detail): "the name \(host) was not found: \(detail)"
        case .connect(let detail): detail
        case .proxy, .shortage, .ownFault: finding?.sentence ?? code
        case .tls(let failure): "TLS: \(failure.sentence)"
        case .clock(let failure, let doubt, let wall):
            "TLS: \(failure.sentence); the \(Culprit.clock.title) \(doubt == .unsynchronised ? "may be" : "is") wrong: "
                + "it shows \(wall.rfc3339), \(doubt.sentence)"
        case .handshake(let failure): "handshake: \(failure.sentence)"
        case .bind(let detail): "bind: \(detail)"
        case .missedReads(let count, let silence): "missed reads (\(count) in a row, \(silence.humanReadable) silent)"
        case .networkChanged(let detail): "the network changed: \(detail)"
        case .kicked: Culprit.signedInElsewhere.title
        case .closedByPeer(nil): "closed by the server"
        case .closedByPeer(let detail?): "closed by the server: \(detail)"
        case .reset(let detail): "the connection failed: \(detail)"
        case .protocolError(let detail): "the server violated the protocol: \(detail)"
        case .preferredEndpoint: "a preferred server is there again"
        case .operatorRequest: "a new connection was asked for"
        case .reconfigured: "the configuration changed"
        case .paused: "paused"
        case .localStop: "stopping"
        }
    }
}

extension TLSFailure {
    /// The failure in words, without a full stop.
    package var sentence: String {
        switch self {
        case .expired, .notYetValid, .wrongHost, .unknownAuthority, .revoked, .noPinMatched, .badCertificate,
            .clientCertificateRefused:
            finding?.sentence ?? code
        case .protocolVersion(let detail): "no common protocol version (\(detail))"
        case .peerClosed(let detail): "the server closed during the TLS handshake (\(detail))"
        case .timedOut(let after): "no TLS handshake within \(after.humanReadable)"
        case .other(let detail): detail
        }
    }
}
