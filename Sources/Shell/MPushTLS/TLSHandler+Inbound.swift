import MPushCause
import MPushPlatform
package import NIOCore

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
            if !inputEnded(TLSHandler.words(for: error), context) { context.fireErrorCaught(error) }
        case .idle:
            context.fireErrorCaught(error)
        case .lingering, .closed:
            break
        }
    }

    private static func words(for error: any Error) -> String {
        (error as? IOError).map { OSError.words(for: $0.errnoCode) } ?? "\(error)"
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
        timer?.cancel()
        timer = nil
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
