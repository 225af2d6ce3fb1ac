import MPushModel
import MPushTLS
import NIOCore
import NIOHTTP1

/// The client's end of an HTTP/1.1 connection: sends a request as soon as the way is open, gathers its answer up to a bound,
/// and can be asked again once that is complete (RFC 9112 section 9.3). One request at a time.
final class HTTPExchange: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    /// What is asked, and who hears of it.
    struct Request {
        let head: HTTPRequestHead
        let body: ByteBuffer?
        /// Of the answer; nil where its head is all that is asked for.
        let longestBody: Int?
        /// Whether the connection is to be used again, so that the rest of the answer is waited for.
        let staysOpen: Bool
        /// The head of the answer is there, and its rest is waited for.
        let onHead: () -> Void
        /// Called once.
        let onEnd: (Result<HTTPAnswer, HTTPFailure>) -> Void
    }

    private struct Current {
        let request: Request
        var isSent = false
        var answer: HTTPAnswer?
        /// Bytes of a body that nobody asked for.
        var dropped = 0
    }

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
    /// More of a body that nobody asked for is not waited for: another connection costs less.
    private static let mostDropped = 64 << 10

    /// When the connection was made.
    let opened: Instant
    private let channel: any Channel
    private let awaitsTLS: Bool
    private var isWayOpen = false
    private var current: Current?
    private var context: ChannelHandlerContext?
    /// Bytes of the request are still to be written.
    private var isWriting = false
    /// Nothing can be asked any more: the peer said so, or said what nobody asked for, or the connection has ended.
    private var isSpent = false
    /// Whether bytes came since the last request began.
    fileprivate(set) var hasAnswerBytes = false
    /// Told when a connection that nobody uses ends.
    var onIdleEnd: () -> Void = {}

    /// - Parameter awaitsTLS: whether there is TLS before this handler, whose handshake has to be awaited.
    init(on channel: any Channel, awaitsTLS: Bool, opened: Instant) {
        self.channel = channel
        self.awaitsTLS = awaitsTLS
        self.opened = opened
    }

    /// Whether a request can begin now.
    var isReusable: Bool { current == nil && isWayOpen && !isSpent && !isWriting && channel.isActive }

    /// Whether the request is on its way.
    var isSent: Bool { current?.isSent == true }

    /// What the answer says as far as it is there, where its head is all that is asked for.
    var sufficientAnswer: HTTPAnswer? { current.flatMap { $0.request.longestBody == nil ? $0.answer : nil } }

    /// Begins: where the way is not open yet, once it is.
    func begin(_ request: Request) {
        hasAnswerBytes = false
        current = Current(request: request)
        if isSpent { return fail(HTTPExchange.closedTooSoon) }
        if isWayOpen, let context { send(context) }
    }

    /// Whoever asked hears nothing more, and the connection ends.
    func close() {
        current = nil
        isSpent = true
        channel.close(promise: nil)
    }

    /// The channel is closed, whether a handler was told or not.
    func closed() {
        isSpent = true
        if current != nil { fail(HTTPExchange.closedTooSoon) } else { onIdleEnd() }
    }

    // MARK: - The way

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        if !awaitsTLS, context.channel.isActive { wayOpened(context) }
    }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelActive(context: ChannelHandlerContext) {
        if !awaitsTLS { wayOpened(context) }
        context.fireChannelActive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is TLSHandshakeCompleted { wayOpened(context) }
        context.fireUserInboundEventTriggered(event)
    }

    private func wayOpened(_ context: ChannelHandlerContext) {
        guard !isWayOpen else { return }
        isWayOpen = true
        send(context)
    }

    private func send(_ context: ChannelHandlerContext) {
        guard let request = current?.request, !isSent else { return }
        current?.isSent = true
        isWriting = true
        context.write(wrapOutboundOut(.head(request.head)), promise: nil)
        if let body = request.body { context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil) }
        let end = context.writeAndFlush(wrapOutboundOut(.end(nil)))
        end.assumeIsolated().whenComplete { [weak self] _ in self?.isWriting = false }
    }

    // MARK: - The answer

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let part = unwrapInboundIn(data)
        guard current != nil else { return unasked() }
        switch part {
        case .head(let head): headCame(head)
        case .body(let part): bodyCame(part)
        case .end: endCame()
        }
    }

    private func headCame(_ head: HTTPResponseHead) {
        let fields = head.headers.map { (name: $0.name, value: $0.value) }
        let answer = HTTPAnswer(
            status: Int(head.status.code),
            reason: String(head.status.reasonPhrase.prefix(HTTPExchange.longestReason)), fields: fields)
        current?.answer = answer
        if !head.isKeepAlive { isSpent = true }
        guard let request = current?.request else { return }
        if request.longestBody == nil, isSpent || !request.staysOpen {
            isSpent = true
            finish(.success(answer))
        } else {
            request.onHead()
        }
    }

    private func bodyCame(_ part: ByteBuffer) {
        guard let longest = current?.request.longestBody else {
            current?.dropped += part.readableBytes
            guard let answer = sufficientAnswer, current?.dropped ?? 0 > HTTPExchange.mostDropped else { return }
            isSpent = true
            return finish(.success(answer))
        }
        guard current?.answer?.body.readableBytes ?? 0 <= longest - part.readableBytes else {
            isSpent = true
            return fail("its answer is longer than \(longest) bytes")
        }
        current?.answer?.body.writeImmutableBuffer(part)
    }

    private func endCame() {
        if let answer = current?.answer { finish(.success(answer)) }
    }

    /// Whose answer what comes now would be, nobody can say.
    private func unasked() {
        isSpent = true
        channel.close(promise: nil)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        isSpent = true
        guard current != nil else { return channel.close(promise: nil) }
        switch error {
        case let error as TLSError: finish(.failure(HTTPFailure(.tls(error.failure), isReached: isSent)))
        case HTTPParserError.headerOverflow:
            fail("the head of its answer has more than 64 KiB, 200 fields, or a field over 16 KiB")
        case let error as HTTPParserError: fail("its answer is not HTTP (\(error))")
        default: fail(ConnectFailureText.text(for: error))
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        closed()
        context.fireChannelInactive()
    }

    private func fail(_ detail: String) {
        // What is missing nobody asked for.
        if let answer = sufficientAnswer { return finish(.success(answer)) }
        finish(.failure(HTTPFailure(detail, isReached: isSent)))
    }

    private func finish(_ result: Result<HTTPAnswer, HTTPFailure>) {
        let request = current?.request
        current = nil
        request?.onEnd(result)
    }
}

/// Before the decoder: tells an exchange that the peer has begun to answer.
final class AnswerByteNotice: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let exchange: HTTPExchange

    init(for exchange: HTTPExchange) {
        self.exchange = exchange
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        exchange.hasAnswerBytes = true
        context.fireChannelRead(data)
    }
}
