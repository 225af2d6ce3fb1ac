import MPushModel
import MPushTLS
import NIOCore

/// The last handler of a channel: writes down what comes out of the one before it, in order.
final class ConnectionRecorder: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// All that was seen of a connection from its start to its end.
    struct Record: Sendable {
        var info: TLSConnectionInfo?
        var received = ByteBuffer()
        var failures: [TLSFailure] = []
        var otherErrors: [String] = []
        /// `handshake`, `data`, `input closed`, `failure`, `inactive`; repeated ones once.
        var order: [String] = []
    }

    /// What it does by itself.
    enum Behaviour: Sendable {
        case listen
        /// Sends back all that comes.
        case echo
        /// Sends these bytes after the handshake, and closes at once.
        case sendAndClose(ByteBuffer)
        /// Closes once this many bytes have come.
        case closeAfter(Int)
        /// Drops the connection without a word once the handshake is done and this many bytes have come.
        case vanishAfter(Int)
    }

    private let behaviour: Behaviour
    private let ended: EventLoopPromise<Record>
    private let established: EventLoopPromise<TLSConnectionInfo>
    private var record = Record()

    init(_ behaviour: Behaviour, established: EventLoopPromise<TLSConnectionInfo>, ended: EventLoopPromise<Record>) {
        self.behaviour = behaviour
        self.established = established
        self.ended = ended
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let completed = event as? TLSHandshakeCompleted {
            note("handshake")
            record.info = completed.info
            established.succeed(completed.info)
            if case .sendAndClose(let bytes) = behaviour {
                context.write(wrapOutboundOut(bytes), promise: nil)
                context.close(promise: nil)
            }
        } else if event as? ChannelEvent == .inputClosed {
            note("input closed")
        }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        note("data")
        if case .echo = behaviour { context.writeAndFlush(wrapOutboundOut(bytes), promise: nil) }
        record.received.writeBuffer(&bytes)
        switch behaviour {
        case .closeAfter(let count) where record.received.readableBytes >= count:
            context.close(promise: nil)
        case .vanishAfter(let count) where record.received.readableBytes >= count:
            try? context.pipeline.syncOperations.context(handlerType: TLSHandler.self).close(promise: nil)
        default:
            break
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        note("failure")
        if let error = error as? TLSError {
            record.failures.append(error.failure)
        } else {
            record.otherErrors.append("\(error)")
        }
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        note("inactive")
        established.fail(ChannelError.eof)
        ended.succeed(record)
    }

    private func note(_ what: String) {
        if record.order.last != what { record.order.append(what) }
    }
}
