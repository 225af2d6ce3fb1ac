import NIOCore
import NIOHTTP1

/// Stands before the local API's connection, and sees that each request has one answer, whole, and none has two.
final class AnswerRules: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    /// Requests whose head was read, and what was no request and is answered as one.
    private(set) var requests = 0
    /// Answers whose head was written, without those that only say "go on".
    private(set) var statuses: [UInt] = []
    /// What was done that must never be.
    private(set) var violation: String?
    private var isWithin = false
    private var isLast = false

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if case .head = unwrapInboundIn(data) { requests += 1 }
        context.fireChannelRead(data)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        requests += 1
        context.fireErrorCaught(error)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(let head) where head.status == .continue: break
        case .head(let head):
            if isWithin { violation = "an answer within another" }
            if isLast { violation = "an answer after the last" }
            statuses.append(head.status.code)
            if statuses.count > requests { violation = "\(statuses.count) answers to \(requests) requests" }
            isWithin = true
            isLast = head.headers["connection"].contains("close")
        case .body: if !isWithin { violation = "a body without a head" }
        case .end:
            if !isWithin { violation = "an end without a head" }
            isWithin = false
        }
        context.write(data, promise: promise)
    }
}
