import MPushConnection
import MPushModel
import MPushPlatform
import MPushTLS
import NIOCore

/// A connection that is made, from TLS to its end.
final class LiveConnection {
    let handler: ConnectionHandler
    let endpoint: Endpoint
    /// What its name stood for, or a proxy; nil where the socket does not say.
    let address: SocketAddress?
    let gate: ReadingGate
    /// When its attempt began.
    let began: Instant
    /// What TLS has agreed on; nil before, and over plain TCP.
    var tls: TLSConnectionInfo?
    /// What was agreed when the session was opened; nil before.
    var opening: SessionOpening?

    init(
        _ handler: ConnectionHandler, to endpoint: Endpoint, at address: SocketAddress?, gate: ReadingGate,
        began: Instant
    ) {
        self.handler = handler
        self.endpoint = endpoint
        self.address = address
        self.gate = gate
        self.began = began
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
