import MPushControl
import NIOCore

/// Answers a client before it has asked, and hangs up: for more of them than can be listened to.
final class TurnedAwayHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let problem: Problem

    init(_ problem: Problem) {
        self.problem = problem
    }

    func channelActive(context: ChannelHandlerContext) {
        let body = Reply.problem(problem).body(for: "/")
        let head =
            "HTTP/1.1 \(problem.status) Service Unavailable\r\nContent-Type: application/problem+json\r\n"
            + "Content-Length: \(body.count)\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n"
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: Array(head.utf8) + body)), promise: nil)
        context.close(promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {}
}

/// Hears that a client could not be accepted for want of something, descriptors mostly.
final class AcceptFailureHandler: ChannelInboundHandler {
    typealias InboundIn = Channel

    private let onFailure: (IOError) -> Void

    init(_ onFailure: @escaping (IOError) -> Void) {
        self.onFailure = onFailure
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let error = error as? IOError else { return context.fireErrorCaught(error) }
        onFailure(error)
    }
}
