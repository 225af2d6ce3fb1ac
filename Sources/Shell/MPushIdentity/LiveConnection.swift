import MPushConnection
import MPushModel
import MPushPlatform
import MPushSupervision
import MPushTLS
import NIOCore

/// A connection that is made, from TLS to its end.
final class LiveConnection {
    let handler: ConnectionHandler
    let endpoint: Endpoint
    /// What its name stood for, or that of the proxy; nil where the socket does not say.
    let address: SocketAddress?
    /// The proxy's, where the way leads through one.
    let tunnel: ProxyTunnel?
    /// The way to it, where the machine says how its network is.
    var path: ConnectionPath?
    /// The network that it leads through, where it is learnt how long that keeps what is silent; nil before the session is open.
    var network: String?
    let gate: ReadingGate
    /// When its attempt began.
    let began: Instant
    /// What TLS has agreed on; nil before, and over plain TCP.
    var tls: TLSConnectionInfo?
    /// What was agreed when the session was opened; nil before.
    var opening: SessionOpening?

    init(
        _ handler: ConnectionHandler, to endpoint: Endpoint, on channel: any Channel, gate: ReadingGate,
        began: Instant
    ) {
        self.handler = handler
        self.endpoint = endpoint
        address = channel.remoteAddress
        tunnel = ConnectionBuilder.tunnel(on: channel)
        self.gate = gate
        self.began = began
    }
}

extension LiveConnection {
    /// An end that looks like the server's may be that of a proxy which cuts what is idle.
    func cause(behind cause: LossCause, _ watch: inout IdleCutWatch) -> LossCause {
        guard let tunnel, opening != nil, cause.isBareEnd, let time = watch.ended(tunnel.trafficAtEnd) else {
            return cause
        }
        return .proxy(tunnel.proxy, .idleCut(after: time))
    }
}

extension IdentityRunner {
    /// The connection that there is; nil while one is made, and between two.
    var connection: LiveConnection? {
        if case .connected(let connection) = phase { connection } else { nil }
    }
}

/// What was agreed when a session was opened.
struct SessionOpening {
    /// Whether a stored session was resumed, without RSA.
    let isResumed: Bool
    let heartbeat: Duration
}

/// A time on both clocks: one to count from, one for people.
struct Moment {
    let wall: WallTime
    let instant: Instant

    /// What `clock` shows now.
    init(_ clock: any ClockSource) {
        wall = clock.wall
        instant = clock.now
    }
}
