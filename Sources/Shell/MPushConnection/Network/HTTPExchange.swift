import MPushModel
import MPushTLS
import NIOCore
import NIOHTTP1

/// Sends one request, as soon as the way is open, and gathers its answer up to a bound.
final class HTTPExchange: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    static let closedTooSoon = "it closed before its answer was complete"
    /// Of the head of an answer.
    static let limits = {
        var limits = NIOHTTPDecoderLimitConfiguration()
        limits.maxHeaderFieldSize = 16 << 10
        limits.maxHeaderListSize = 64 << 10
        limits.maxHeaderFieldCount = 200
        return limits
    }()

    /// Characters of the reason phrase that are kept.
    private static let longestReason = 200

    private let head: HTTPRequestHead
    private let body: ByteBuffer?
    private let longestBody: Int?
    private let awaitsTLS: Bool
    /// Whether the request is on its way.
    private(set) var isSent = false
    private var answer: HTTPAnswer?
    private var completion: ((Result<HTTPAnswer, HTTPFailure>) -> Void)?

    /// - Parameters:
    ///   - longestBody: of the answer; nil where its head is all that is asked for.
    ///   - awaitsTLS: whether there is TLS before this handler, whose handshake has to be awaited.
    init(
        _ head: HTTPRequestHead, body: ByteBuffer?, longestBody: Int?, awaitsTLS: Bool,
        completion: @escaping (Result<HTTPAnswer, HTTPFailure>) -> Void
    ) {
        self.head = head
        self.body = body
        self.longestBody = longestBody
        self.awaitsTLS = awaitsTLS
        self.completion = completion
    }

    func handlerAdded(context: ChannelHandlerContext) {
        if !awaitsTLS, context.channel.isActive { send(context) }
    }

    func channelActive(context: ChannelHandlerContext) {
        if !awaitsTLS { send(context) }
        context.fireChannelActive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is TLSHandshakeCompleted { send(context) }
        context.fireUserInboundEventTriggered(event)
    }

    private func send(_ context: ChannelHandlerContext) {
        guard !isSent else { return }
        isSent = true
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        if let body { context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil) }
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            let fields = head.headers.map { (name: $0.name, value: $0.value) }
            let answer = HTTPAnswer(
                status: Int(head.status.code),
                reason: String(head.status.reasonPhrase.prefix(HTTPExchange.longestReason)), fields: fields)
            self.answer = answer
            if longestBody == nil { finish(.success(answer)) }
        case .body(let part):
            guard let longestBody, var answer else { return }
            guard answer.body.readableBytes + part.readableBytes <= longestBody else {
                return fail("its answer is longer than \(longestBody) bytes")
            }
            self.answer = nil
            answer.body.writeImmutableBuffer(part)
            self.answer = answer
        case .end:
            if let answer { finish(.success(answer)) }
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        switch error {
        case let error as TLSError: finish(.failure(HTTPFailure(.tls(error.failure), isReached: isSent)))
        case HTTPParserError.headerOverflow:
            fail("the head of its answer has more than 64 KiB, 200 fields, or a field over 16 KiB")
        case let error as HTTPParserError: fail("its answer is not HTTP (\(error))")
        default: fail(ConnectFailureText.text(for: error))
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        fail(HTTPExchange.closedTooSoon)
        context.fireChannelInactive()
    }

    private func fail(_ detail: String) { finish(.failure(HTTPFailure(detail, isReached: isSent))) }

    private func finish(_ result: Result<HTTPAnswer, HTTPFailure>) {
        let completion = self.completion
        self.completion = nil
        completion?(result)
    }
}
