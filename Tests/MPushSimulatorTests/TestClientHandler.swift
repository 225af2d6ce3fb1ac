import MPushTLS
import MPushWire
import NIOCore

/// The end of a test client's pipeline: cuts what comes into frames and tells them.
final class TestClientHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let continuation: AsyncStream<TestClient.Received>.Continuation
    private var decoder = FrameDecoder(maximumBody: 1 << 20)

    init(_ continuation: AsyncStream<TestClient.Received>.Continuation) {
        self.continuation = continuation
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        decoder.append(unwrapInboundIn(data))
        do throws(WireError) {
            while let element = try decoder.next() {
                switch element {
                case .heartbeat: continuation.yield(.heartbeat)
                case .frame(let frame), .skipped(let frame, _): continuation.yield(.frame(frame))
                }
            }
        } catch {
            continuation.yield(.broken(error))
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is TLSHandshakeCompleted { continuation.yield(.secured) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        continuation.yield(.failed("\(error)"))
    }

    func channelInactive(context: ChannelHandlerContext) {
        continuation.yield(.closed(left: decoder.bufferedBytes))
        continuation.finish()
    }
}
