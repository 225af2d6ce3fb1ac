import MPushCause
package import NIOCore

/// TLS in a channel's pipeline, for either side. First in the pipeline; what is behind it sees plaintext.
///
/// The handshake starts when the channel is active. Then, in this order: `TLSHandshakeCompleted` as a user event, data,
/// `ChannelEvent.inputClosed` where the channel gives it, `channelInactive`. Data is always delivered before the end.
/// A failure is fired once, as `errorCaught(TLSError)`, and the channel is closed. What is written before the handshake
/// is done waits (`mostBytesBeforeHandshake` at most); small writes between two flushes share a record.
///
/// `close()` sends what was written and a close_notify, then gives the peer `closeTimeout` to close first: a socket
/// closed over unread bytes (a ticket that came late is enough) resets the connection, and the peer may lose the last
/// data. Belongs to its channel's event loop.
package final class TLSHandler: ChannelDuplexHandler {
    package typealias InboundIn = ByteBuffer
    package typealias InboundOut = ByteBuffer
    package typealias OutboundIn = ByteBuffer
    package typealias OutboundOut = ByteBuffer

    /// How much may be written before the handshake is done; more is a failure.
    package static let mostBytesBeforeHandshake = 1 << 20
    /// How long a peer has to close its side after `close()`.
    package static let closeTimeout = Duration.milliseconds(500)

    enum Phase {
        /// The channel is not active yet.
        case idle
        case handshaking(TLSEngine)
        case established(TLSEngine)
        /// All is said; the peer's end, or the end of its time, closes the channel.
        case lingering
        case closed
    }

    enum Side {
        case client(TLSContext, TLSPeerName, TLSSessionKey?, TLSSessionCache?)
        case server(TLSContext)
    }

    let side: Side
    let handshakeTimeout: Duration
    var phase = Phase.idle
    var queue = TLSWriteQueue()
    var hasFlushRequest = false
    var hasReadRequest = false
    var timer: Scheduled<Void>?

    /// For a connection to a server.
    /// - Parameters:
    ///   - serverName: the host name or address, as in the configuration; it is checked against the certificate.
    ///   - port: only a part of the key of its sessions.
    ///   - sessions: where sessions are taken from and left; nil for none.
    ///   - handshakeTimeout: from the channel being active to the handshake's end.
    package init(
        client context: TLSContext, serverName: String, port: Int, sessions: TLSSessionCache?,
        handshakeTimeout: Duration
    ) throws(TLSConfigurationError) {
        let name = try TLSPeerName(serverName)
        let key = context.trustDigest.map { TLSSessionKey(host: name.sessionHost, port: port, trust: $0) }
        side = .client(context, name, key, context.resumesSessions ? sessions : nil)
        self.handshakeTimeout = handshakeTimeout
    }

    /// For a connection from a client.
    package init(server context: TLSContext, handshakeTimeout: Duration) {
        side = .server(context)
        self.handshakeTimeout = handshakeTimeout
    }

    /// See `TLSEngine.verifiedChain`. For people who look closely; a connection's info has only its first certificate.
    package var verifiedChain: [TLSConnectionInfo.Peer] {
        guard case .established(let engine) = phase else { return [] }
        return engine.verifiedChain
    }

    package func handlerAdded(context: ChannelHandlerContext) {
        if context.channel.isActive { start(context) }
    }

    package func handlerRemoved(context: ChannelHandlerContext) {
        end(breakingPromisesWith: ChannelError.ioOnClosedChannel)
    }

    package func channelActive(context: ChannelHandlerContext) {
        start(context)
        context.fireChannelActive()
    }
}

extension TLSHandler {
    private func start(_ context: ChannelHandlerContext) {
        guard case .idle = phase else { return }
        do throws(TLSConfigurationError) {
            phase = .handshaking(try makeEngine())
        } catch {
            return fail(.other(detail: error.description), context)
        }
        setTimer(handshakeTimeout, context) { handler, context in
            handler.fail(.timedOut(after: handler.handshakeTimeout), context)
        }
        advance(context)
        context.read()
    }

    private func makeEngine() throws(TLSConfigurationError) -> TLSEngine {
        switch side {
        case .server(let context):
            return try TLSEngine(server: context)
        case .client(let context, let name, let key, let sessions):
            guard let key, let sessions else { return try TLSEngine(client: context, peer: name) }
            let offer = sessions.take(for: key)
            return try TLSEngine(client: context, peer: name, session: offer?.session) { session in
                sessions.store(session, for: key, after: offer)
            }
        }
    }

    /// One timer at a time: the handshake's, then that of closing.
    func setTimer(
        _ duration: Duration, _ context: ChannelHandlerContext,
        _ action: @escaping (TLSHandler, ChannelHandlerContext) -> Void
    ) {
        timer?.cancel()
        timer = context.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(duration)) { [weak self] in
            guard let self else { return }
            action(self, context)
        }
    }

    /// Lets go of everything. The engine goes with its phase.
    func end(breakingPromisesWith error: any Error) {
        phase = .closed
        timer?.cancel()
        timer = nil
        queue.fail(error)
    }
}
