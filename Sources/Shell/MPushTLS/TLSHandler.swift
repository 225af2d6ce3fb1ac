package import MPushModel
package import MPushPlatform
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
    /// Whether a close waits so long for the peer's: not where the peer is known to be silent.
    package var awaitsPeersClose = true

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
    /// What the peer showed before the connection failed.
    private var refusedChain: [ShownCertificate] = []
    private let timer: LoopTimer
    private var deadline: LoopTimer.Owner?

    /// For a connection to a server.
    /// - Parameters:
    ///   - serverName: the host name or address, as in the configuration; it is checked against the certificate.
    ///   - port: only a part of the key of its sessions.
    ///   - sessions: where sessions are taken from and left; nil for none.
    ///   - handshakeTimeout: from the channel being active to the handshake's end.
    ///   - timer: of the channel's event loop.
    package init(
        client context: TLSContext, serverName: String, port: Int, sessions: TLSSessionCache?,
        handshakeTimeout: Duration, timer: LoopTimer
    ) throws(TLSConfigurationError) {
        let name = try TLSPeerName(serverName)
        let key = context.trustDigest.map { TLSSessionKey(host: name.sessionHost, port: port, trust: $0) }
        side = .client(context, name, key, context.resumesSessions ? sessions : nil)
        self.handshakeTimeout = handshakeTimeout
        self.timer = timer
    }

    /// For a connection from a client.
    package init(server context: TLSContext, handshakeTimeout: Duration, timer: LoopTimer) {
        side = .server(context)
        self.handshakeTimeout = handshakeTimeout
        self.timer = timer
    }

    /// See `TLSEngine.verifiedChain`. For people who look closely; a connection's info has only its first certificate.
    package var verifiedChain: [TLSConnectionInfo.Peer] {
        guard case .established(let engine) = phase else { return [] }
        return engine.verifiedChain
    }

    /// See `TLSEngine.shownChain`; also after a failure.
    package var shownChain: [ShownCertificate] {
        switch phase {
        case .handshaking(let engine), .established(let engine): engine.shownChain
        case .idle, .lingering, .closed: refusedChain
        }
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
            let engine = try makeEngine()
            engine.setVerificationTime(timer.wall)
            phase = .handshaking(engine)
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
        clearTimer()
        deadline = timer.schedule(in: duration, endsSomething: true) { [weak self] in
            guard let self else { return }
            action(self, context)
        }
    }

    private func clearTimer() {
        if let deadline { timer.remove(deadline) }
        deadline = nil
    }

    /// Lets go of everything. The engine goes with its phase.
    func end(breakingPromisesWith error: any Error) {
        phase = .closed
        clearTimer()
        queue.fail(error)
    }
}

extension TLSHandler {
    package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch phase {
        case .handshaking(let engine), .established(let engine):
            engine.receive(unwrapInboundIn(data))
            advance(context)
        case .idle, .lingering, .closed:
            break
        }
    }

    package func channelReadComplete(context: ChannelHandlerContext) {
        context.fireChannelReadComplete()
        switch phase {
        case .handshaking, .lingering: context.read()
        case .established: if hasReadRequest { context.read() }
        case .idle, .closed: break
        }
    }

    package func channelInactive(context: ChannelHandlerContext) {
        inputEnded(nil, context)
        end(breakingPromisesWith: ChannelError.eof)
        context.fireChannelInactive()
    }

    package func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let event = event as? ChannelEvent, event == .inputClosed {
            inputEnded(nil, context)
        }
        context.fireUserInboundEventTriggered(event)
    }

    /// The transport's own errors: a reset in the handshake is a failure of it, a later one is passed on.
    package func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch phase {
        case .handshaking, .established:
            if !inputEnded(TLSHandler.text(for: error), context) { context.fireErrorCaught(error) }
        case .idle:
            context.fireErrorCaught(error)
        case .lingering, .closed:
            break
        }
    }

    private static func text(for error: any Error) -> String {
        (error as? IOError).map { OSError.text(for: $0.errnoCode) } ?? "\(error)"
    }

    /// Does all that can be done with what came in.
    func advance(_ context: ChannelHandlerContext) {
        do throws(TLSError) {
            if case .handshaking(let engine) = phase { try continueHandshake(engine, context) }
            if case .established(let engine) = phase { try deliver(engine, context) }
        } catch {
            fail(error.failure, context)
        }
    }

    private func continueHandshake(_ engine: TLSEngine, _ context: ChannelHandlerContext) throws(TLSError) {
        let progress = try engine.handshake()
        send(engine.takeOutput(), context)
        guard case .completed(let info) = progress else { return }
        phase = .established(engine)
        clearTimer()
        if hasFlushRequest { sendQueue(engine, context, flushing: true) }
        context.fireUserInboundEventTriggered(TLSHandshakeCompleted(info: info))
    }

    /// What is behind may close the channel from within `fireChannelRead`, hence the look at the phase each time.
    private func deliver(_ engine: TLSEngine, _ context: ChannelHandlerContext) throws(TLSError) {
        while case .established = phase {
            let outcome = try deliverOnce(engine, context)
            guard case .established = phase else { return }
            send(engine.takeOutput(), context)
            switch outcome {
            case .hasMore: continue
            case .wantsInput: return
            case .closed: return try peerClosed(engine, context)
            }
        }
    }

    private func deliverOnce(
        _ engine: TLSEngine, _ context: ChannelHandlerContext
    ) throws(TLSError) -> TLSEngine.ReadOutcome {
        var plaintext = ByteBuffer()
        do throws(TLSError) {
            let outcome = try engine.read(into: &plaintext)
            fire(plaintext, context)
            return outcome
        } catch {
            fire(plaintext, context)
            throw error
        }
    }

    private func fire(_ plaintext: ByteBuffer, _ context: ChannelHandlerContext) {
        guard plaintext.readableBytes > 0 else { return }
        hasReadRequest = false
        context.fireChannelRead(wrapInboundOut(plaintext))
    }

    /// The peer's close_notify: nothing to wait for any more.
    private func peerClosed(_ engine: TLSEngine, _ context: ChannelHandlerContext) throws(TLSError) {
        if let failure = engine.failureAtEnd { throw TLSError(failure) }
        sendQueue(engine, context, flushing: false)
        engine.closeNotify()
        send(engine.takeOutput(), context)
        end(breakingPromisesWith: ChannelError.eof)
        context.close(promise: nil)
    }

    /// The transport ended. Whether that was a failure of TLS, which is then fired.
    @discardableResult
    private func inputEnded(_ reason: String?, _ context: ChannelHandlerContext) -> Bool {
        switch phase {
        case .handshaking(let engine), .established(let engine):
            guard var failure = engine.failureAtEnd else { return false }
            if case .peerClosed(let detail) = failure, let reason {
                failure = .peerClosed(detail: "\(detail): \(reason)")
            }
            fail(failure, context)
            return true
        case .lingering:
            context.close(promise: nil)
            return false
        case .idle, .closed:
            return false
        }
    }
}

extension TLSHandler {
    /// Tells the peer (OpenSSL has made the alert), tells what is behind, and closes. Once at most.
    func fail(_ failure: TLSFailure, _ context: ChannelHandlerContext) {
        let engine: TLSEngine?
        switch phase {
        case .handshaking(let failed): engine = failed
        case .established(let failed): engine = failed
        case .idle: engine = nil
        case .lingering, .closed: return
        }
        forgetSessions()
        refusedChain = engine?.shownChain ?? []
        let alert = engine?.takeOutput()
        send(alert, context)
        end(breakingPromisesWith: TLSError(failure))
        if alert != nil, context.channel.isActive { linger(context) }
        context.fireErrorCaught(TLSError(failure))
        if case .closed = phase { context.close(promise: nil) }
    }

    /// A session that led to a failure is not worth a second try.
    private func forgetSessions() {
        if case .client(_, _, let key?, let sessions?) = side { sessions.remove(for: key) }
    }
}

/// The user event that `TLSHandler` fires before the first decrypted byte: from here on the peer is who it should be.
package struct TLSHandshakeCompleted: Equatable, Sendable {
    /// What was agreed.
    package let info: TLSConnectionInfo
}
