import MPushModel
package import NIOCore

extension TLSHandler {
    /// From here on a write is encrypted at once rather than joined with the next.
    private static let joinedBytes = 16_384

    package func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch phase {
        case .idle, .handshaking:
            queue.append(unwrapOutboundIn(data), promise: promise)
            guard queue.count <= TLSHandler.mostBytesBeforeHandshake else {
                return fail(.other(detail: "more than 1 MiB written before the handshake was done"), context)
            }
        case .established(let engine):
            queue.append(unwrapOutboundIn(data), promise: promise)
            if queue.count >= TLSHandler.joinedBytes { sendQueue(engine, context, flushing: false) }
        case .lingering, .closed:
            promise?.fail(ChannelError.ioOnClosedChannel)
        }
    }

    package func flush(context: ChannelHandlerContext) {
        switch phase {
        case .idle, .handshaking: hasFlushRequest = true
        case .established(let engine): sendQueue(engine, context, flushing: true)
        case .lingering, .closed: break
        }
    }

    package func read(context: ChannelHandlerContext) {
        hasReadRequest = true
        context.read()
    }

    package func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        switch (mode, phase) {
        case (.input, _), (.all, .idle), (.all, .closed), (.output, .idle), (.output, .handshaking), (.output, .closed),
            (.output, .lingering):
            context.close(mode: mode, promise: promise)
        case (.output, .established(let engine)):
            sayGoodbye(engine, context)
            context.close(mode: .output, promise: promise)
        case (.all, .handshaking):
            end(breakingPromisesWith: ChannelError.ioOnClosedChannel)
            context.close(promise: promise)
        case (.all, .established(let engine)):
            sayGoodbye(engine, context)
            // Saying it may have failed: that closes as well, and the end must not be waited for twice.
            if case .established = phase, awaitsPeersClose { linger(context) }
            if case .established = phase {
                end(breakingPromisesWith: ChannelError.ioOnClosedChannel)
                context.close(promise: nil)
            }
            context.channel.closeFuture.cascade(to: promise)
        case (.all, .lingering):
            context.channel.closeFuture.cascade(to: promise)
        }
    }

    /// Encrypts all that waits, and hands it on.
    func sendQueue(_ engine: TLSEngine, _ context: ChannelHandlerContext, flushing: Bool) {
        if let (bytes, promise) = queue.takeAll() {
            do throws(TLSError) {
                try engine.write(bytes)
            } catch {
                promise?.fail(error)
                return fail(error.failure, context)
            }
            context.write(wrapOutboundOut(engine.takeOutput() ?? ByteBuffer()), promise: promise)
        }
        if flushing { context.flush() }
    }

    func send(_ output: ByteBuffer?, _ context: ChannelHandlerContext) {
        guard let output else { return }
        context.writeAndFlush(wrapOutboundOut(output), promise: nil)
    }

    private func sayGoodbye(_ engine: TLSEngine, _ context: ChannelHandlerContext) {
        sendQueue(engine, context, flushing: false)
        engine.closeNotify()
        send(engine.takeOutput(), context)
    }

    /// Waits for the peer to close first, for a bounded time. What it still sends is read and dropped, so that the
    /// socket is not closed over unread bytes.
    func linger(_ context: ChannelHandlerContext) {
        phase = .lingering
        setTimer(TLSHandler.closeTimeout, context) { handler, context in
            handler.end(breakingPromisesWith: ChannelError.ioOnClosedChannel)
            context.close(promise: nil)
        }
        context.read()
    }
}

/// What was written and is not encrypted yet: before the handshake is done, and between two flushes. Small writes come
/// out joined, so that a batch of acknowledgements costs one record and not one each.
struct TLSWriteQueue {
    private var bytes = ByteBuffer()
    private var promise: EventLoopPromise<Void>?

    /// How many bytes wait.
    var count: Int { bytes.readableBytes }

    /// Appends `buffer`; `promise` is kept once all of it is on its way.
    mutating func append(_ buffer: ByteBuffer, promise: EventLoopPromise<Void>?) {
        if bytes.readableBytes == 0 {
            bytes = buffer
        } else {
            var buffer = buffer
            bytes.writeBuffer(&buffer)
        }
        guard let promise else { return }
        if let first = self.promise {
            first.futureResult.cascade(to: promise)
        } else {
            self.promise = promise
        }
    }

    /// Empties the queue; nil if nobody waits for anything.
    mutating func takeAll() -> (bytes: ByteBuffer, promise: EventLoopPromise<Void>?)? {
        guard bytes.readableBytes > 0 || promise != nil else { return nil }
        let taken = (bytes, promise)
        self = TLSWriteQueue()
        return taken
    }

    /// Empties the queue and breaks its promises.
    mutating func fail(_ error: any Error) {
        takeAll()?.promise?.fail(error)
    }
}
