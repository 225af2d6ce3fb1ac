import MPushControl
import MPushJSON
import MPushModel
import MPushPlatform
import NIOCore
import NIOHTTP1

/// One client of the local API: a request at a time, each with its time. Requests that come before the answer to the one
/// before (pipelining) are not read: the connection ends after the answer.
final class HTTPConnection: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    /// Where the one request of the moment is.
    enum Phase {
        /// No request, or a part of a head.
        case waiting
        /// The head is there, its body is coming.
        case receiving(Call)
        /// The service is asked.
        case answering
        /// The answer is on its way.
        case writing
        case streaming(LineStream)
        /// Nothing is said any more; what the client still sends is thrown away, so that it reads our last words.
        case draining
        case closed
    }

    let caller: Caller
    let standing: Standing
    /// Why it has no place; nil where it has one.
    let refusal: ConnectionQuota.Refusal?
    let server: LocalAPIServer
    var phase = Phase.waiting
    var context: ChannelHandlerContext?
    /// The head of the request of the moment.
    var head: HTTPRequestHead?
    /// The connection ends after this answer.
    var isLast = false
    /// Whether the head of a stream was written.
    var isStreamBegun = false
    private var body: [UInt8] = []
    private var owner: LoopTimer.Owner?
    private var requestNumber = 0
    private let connectedAt: Instant
    /// What the client had not read when its time to read something began; nil while it has nothing to read.
    var unreadBytes: Int?

    init(from caller: Caller, as standing: Standing, refusal: ConnectionQuota.Refusal?, of server: LocalAPIServer) {
        self.caller = caller
        self.standing = standing
        self.refusal = refusal
        self.server = server
        connectedAt = server.timer.now
    }

    // MARK: - The channel

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        owner = server.timer.makeOwner { [weak self] _ in self?.deadlineReached() }
        setDeadline(refusal != nil ? server.settings.farewellLimit : server.settings.idleLimit)
    }

    func handlerRemoved(context: ChannelHandlerContext) { gone() }

    func channelInactive(context: ChannelHandlerContext) {
        gone()
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch (unwrapInboundIn(data), phase) {
        case (.head(let head), .waiting): begin(head)
        case (.body(let part), .receiving(let call)): receive(part, call)
        case (.end, .receiving(let call)): run(call)
        case (.head, _): isLast = true
        case (.body, _), (.end, _): break
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard case ChannelEvent.inputClosed? = event as? ChannelEvent else {
            return context.fireUserInboundEventTriggered(event)
        }
        switch phase {
        case .waiting, .receiving, .streaming, .draining: cut()
        case .answering, .writing: isLast = true
        case .closed: break
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if case .streaming(let stream) = phase {
            setStreamDeadline()
            if context.channel.isWritable { stream.drained() }
        }
        context.fireChannelWritabilityChanged()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let error = error as? HTTPParserError else { return cut() }
        switch phase {
        case .waiting, .receiving:
            let problem =
                error == .headerOverflow
                ? Problem(.headTooLarge, "the head has more than 32 KiB, 100 fields, or a field over 8 KiB")
                : Problem(.badRequest, "this is not HTTP/1.1: \(error)")
            isLast = true
            write(.problem(problem))
        case .answering, .writing, .streaming, .draining, .closed: isLast = true
        }
    }

    // MARK: - A request

    private func begin(_ head: HTTPRequestHead) {
        self.head = head
        requestNumber += 1
        let hasBody = head.headers.contains(name: "transfer-encoding") || (contentLength ?? 0) > 0
        // After these the decoder takes what follows for another protocol.
        isLast = head.headers.contains(name: "upgrade") || head.method == .CONNECT
        do throws(Problem) {
            let call = try check(head)
            phase = .receiving(call)
            setDeadline(server.settings.requestLimit)
            if hasBody, head.headers.contains(name: "expect") { writeContinue() }
        } catch {
            // Its body is not wanted.
            if hasBody { isLast = true }
            write(.problem(error))
        }
    }

    private var contentLength: Int? { head?.headers.first(name: "content-length").flatMap { Int($0) } }

    private func check(_ head: HTTPRequestHead) throws(Problem) -> Call {
        if let refusal {
            isLast = true
            throw Problem(refusal)
        }
        if server.settings.isSwitchedOff {
            isLast = true
            throw Problem(.switchedOff, "the local API is switched off: [api] enabled = false")
        }
        let call: Call
        do throws(Problem) {
            call = try Call(head, among: server.handlers, by: caller, as: standing, under: server.rule)
        } catch {
            if error.known == .notPermitted { server.refused(caller, requestLine, error.detail) }
            throw error
        }
        guard head.headers["expect"].allSatisfy({ $0.lowercased() == "100-continue" }) else {
            throw Problem(.expectationFailed, "the only expectation that is supported is 100-continue")
        }
        let maximum = call.takesBody ? server.settings.maximumBody : 0
        guard contentLength ?? 0 <= maximum else { throw tooLarge(maximum) }
        if call.takesBody, let type = head.headers.first(name: "content-type"),
            !["application/json", "text/json"].contains(HTTPConnection.essence(type))
        {
            throw Problem(
                .unsupportedMediaType,
                "the body is \(type); only application/json is accepted (curl --json, or -H 'Content-Type: application/json')"
            )
        }
        return call
    }

    private static func essence(_ type: String) -> String {
        type.prefix { $0 != ";" && $0 != " " }.lowercased()
    }

    private func tooLarge(_ maximum: Int) -> Problem {
        maximum == 0
            ? Problem(.bodyTooLarge, "\(requestLine) takes no body")
            : Problem(
                .bodyTooLarge, "the body has more than \(maximum) bytes", ["maximum_bytes": .integer(Int64(maximum))])
    }

    private func receive(_ part: ByteBuffer, _ call: Call) {
        let maximum = call.takesBody ? server.settings.maximumBody : 0
        guard part.readableBytes <= maximum - body.count else {
            isLast = true
            return write(.problem(tooLarge(maximum)))
        }
        guard server.takesBody(part.readableBytes, of: standing) else {
            isLast = true
            return write(
                .problem(Problem(.tooManyRequests, "too many large requests are arriving at once. Try again later")))
        }
        body += part.readableBytesView
    }

    /// What has come of a body, which is not kept.
    private func takeBody() -> [UInt8] {
        defer { discardBody() }
        return body
    }

    /// Lets go of what has come of a body.
    func discardBody() {
        server.bodyIsOver(body.count)
        body = []
    }

    private func run(_ call: Call) {
        let body = takeBody()
        setDeadline(nil)
        guard !server.isStopping else { return write(.problem(Problem(.stopping, "the daemon is stopping"))) }
        switch call.work {
        case .stream(let consumer, let follow): begin(follow, consumer)
        case .answer(let answer):
            phase = .answering
            let number = requestNumber
            answer(body) { [weak self] reply in
                guard let self, case .answering = phase, number == requestNumber else { return }
                if call.declaration.access == .change {
                    server.onEvent(.changed(caller, call.declaration, request: requestLine, status: reply.status))
                }
                write(reply)
            }
        }
    }

    private func begin(
        _ follow: (any ControlStream, @escaping EndpointHandler.Answer<any ControlSubscription>) -> Void,
        _ consumer: String?
    ) {
        guard head?.method != .HEAD else { return writeStreamHead(only: true) }
        let stream = LineStream(of: self, consumer: consumer)
        phase = .streaming(stream)
        isStreamBegun = false
        follow(stream) { [weak self] result in
            switch result {
            case .success(let subscription):
                self?.beginStream()
                stream.begun(by: subscription)
            case .failure(let problem):
                if self?.isStreamBegun == false {
                    stream.close()
                    self?.write(.problem(problem))
                } else {
                    stream.end(problem.detail)
                }
            }
        }
    }

    /// `GET /v1/status`: for the journal and for problems, without the query, which may hold what is private.
    var requestLine: String { "\(head?.method.rawValue ?? "") \(requestPath)" }

    var requestPath: String { String((head?.uri ?? "").prefix { $0 != "?" }.prefix(200)) }

    // MARK: - Time

    func setDeadline(_ duration: Duration?) {
        guard let owner else { return }
        server.timer.set(duration.map { server.timer.now + $0 }, for: owner)
    }

    private func deadlineReached() {
        switch phase {
        case .waiting where refusal != nil:
            isLast = true
            if let refusal { write(.problem(Problem(refusal))) }
        case .receiving:
            isLast = true
            write(
                .problem(
                    Problem(
                        .requestTimeout, "the request took longer than \(server.settings.requestLimit.humanReadable)")))
        case .streaming(let stream): streamDeadlineReached(stream)
        case .writing: writingDeadlineReached()
        case .waiting, .draining: cut()
        case .answering, .closed: break
        }
    }

    // MARK: - The end

    /// What the status says of it, if it follows something.
    func followerReport(at now: Instant) -> FollowerReport? {
        guard case .streaming(let stream) = phase else { return nil }
        var report = FollowerReport(
            userID: caller.userID, processID: caller.processID ?? 0, connectedFor: now - connectedAt, sent: stream.sent,
            isStalled: stream.isFull)
        report.consumer = stream.consumer
        return report
    }

    func serverStops(_ reason: String) {
        switch phase {
        case .waiting, .receiving: cut()
        case .streaming(let stream): stream.end(reason)
        case .answering, .writing: isLast = true
        case .draining, .closed: break
        }
    }

    /// Closes the connection at once.
    func cut() { context?.close(promise: nil) }

    private func gone() {
        if case .streaming(let stream) = phase { stream.close() }
        if let owner { server.timer.remove(owner) }
        owner = nil
        phase = .closed
        context = nil
        discardBody()
        server.remove(self)
    }
}
