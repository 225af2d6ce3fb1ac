import Glibc
import MPushModel
import MPushWorld
import NIOCore

/// A connection to a webhook, with its requests, one after the other.
final class WebhookConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// For what never comes: a whole request, and the end of a connection. It cuts off what is under way as well.
    private static let patience = Duration.seconds(120)

    private let server: WebhookServer
    private var bytes = ByteBuffer()
    private var isBusy = false
    /// It has said what no client can make sense of, and hears nothing more.
    private var isDeaf = false
    /// What the answer that was sent confirms.
    private var confirms: (calls: [WebhookCall], answered: Duration)?
    /// Before it nothing of the present request was under way.
    private var asked: Duration?
    private var context: ChannelHandlerContext?

    init(of server: WebhookServer) {
        self.server = server
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelActive(context: ChannelHandlerContext) {
        if server.hangsUp { return context.close(promise: nil) }
        after(WebhookConnection.patience) { [self] in self.context?.close(promise: nil) }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isDeaf else { return }
        bytes.writeImmutableBuffer(unwrapInboundIn(data))
        guard !isBusy else { return server.ledger.report("good requests", "one comes before the last is answered") }
        // Who asks again has read the answer.
        answerWasRead()
        do throws(WebhookCall.Malformed) {
            guard let asking = try WebhookAsking(&bytes) else { return }
            isBusy = true
            for call in asking.calls { server.checkKey(of: call) }
            handle(asking)
        } catch {
            server.ledger.report("good requests", "a request \(error.reason)")
        }
    }

    private func answerWasRead() {
        guard let confirms else { return }
        self.confirms = nil
        guard server.seesConfirmations else { return }
        for call in confirms.calls { server.confirmed(call, answered: confirms.answered) }
    }

    /// Who asked has the answer when it closes after it has got all of it: with something unread it would be a reset.
    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard case .inputClosed? = event as? ChannelEvent else { return context.fireUserInboundEventTriggered(event) }
        if (context.channel as? WorldChannel)?.unacknowledgedBytes == 0 { answerWasRead() }
        context.close(promise: nil)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    // MARK: - What becomes of the request

    private func handle(_ asking: WebhookAsking) {
        let (random, mood) = (server.random, server[asking.route])
        let time = random.skewedDuration(in: mood.takes)
        if random.chance(mood.share) { return fail(asking.calls, mood.fault, after: time) }
        let isFussy = asking.route == server.fussy
        if asking.isBatch, random.chance(0.5) { return answerEach(asking.calls, isFussy: isFussy, after: time) }
        if isFussy, asking.calls.contains(where: \.isPoison) {
            return after(time) { [self] in
                // Of several it says only that they are not all good.
                if asking.calls.count == 1 { server.ledger.refused(asking.calls[0].id, by: asking.route) }
                answer("400 Bad Request")
            }
        }
        act(on: asking.calls)
        after(time) { [self] in
            let body = random.chance(0.3) ? String(repeating: "y", count: random.below(400)) : ""
            confirm(asking.calls, random.chance(0.5) ? "200 OK" : "201 Created", body: body)
            leaveOpen()
        }
    }

    /// Some wait for the client to close, some close at once, and some after a while, whatever comes then.
    private func leaveOpen() {
        let random = server.random
        if random.chance(0.25) { return close() }
        guard random.chance(0.5) else { return }
        after(random.skewedDuration(in: .milliseconds(1) ... .seconds(40))) { [self] in close() }
    }

    private func close() { context?.close(promise: nil) }

    /// Says of each message of a batch what becomes of it.
    private func answerEach(_ calls: [WebhookCall], isFussy: Bool, after time: Duration) {
        let random = server.random
        var results: [String] = []
        var good: [WebhookCall] = []
        var bad: [WebhookCall] = []
        for call in calls {
            let start = "{\"position\":\(call.position),"
            if isFussy, call.isPoison {
                bad.append(call)
                results.append(start + "\"reject\":\"poison\"}")
            } else if !server.keepsOrder(call.route), random.chance(0.1) {
                if random.chance(0.5) { results.append(start + "\"retry\":\"later\"}") }
            } else {
                good.append(call)
                results.append(start + "\"done\":true}")
            }
        }
        act(on: good)
        after(time) { [self] in
            for call in bad { server.ledger.refused(call.id, by: call.route) }
            confirm(good, "200 OK", body: "{\"results\":[\(results.joined(separator: ","))]}")
            leaveOpen()
        }
    }

    /// At once, as they come: what lies here is in its order.
    private func act(on calls: [WebhookCall]) {
        let asked = asked ?? (context?.channel as? WorldChannel)?.openedAt ?? .zero
        for call in calls { server.act(on: call, asked: asked) }
    }

    private func confirm(_ calls: [WebhookCall], _ status: String, body: String = "") {
        confirms = (calls, server.scheduler.elapsed)
        answer(status, body: body)
    }

    private func fail(_ calls: [WebhookCall], _ fault: WebhookFault, after time: Duration) {
        if fault.acts { act(on: calls) }
        let random = server.random
        after(time) { [self] in
            switch fault {
            case .unavailable:
                answer("503 Service Unavailable", retryAfter: random.chance(0.3) ? 1 + random.below(300) : nil)
            case .broken: answer("500 Internal Server Error", body: "sorry")
            case .tooMany: answer("429 Too Many Requests", retryAfter: 1 + random.below(900))
            case .rubbish: write("SSH-2.0-world\r\n\r\n")
            case .closes, .actsAndCloses: close()
            case .resets, .actsAndResets: reset()
            case .silent, .actsAndIsSilent: break
            case .actsAndAnswersHalf:
                write("HTTP/1.1 200 OK\r\nContent-Len")
                close()
            case .actsAndAnswersTwice:
                confirm(calls, "200 OK")
                answer("500 Internal Server Error")
                isDeaf = true
            case .actsAndIsBroken: answer("500 Internal Server Error")
            }
        }
    }

    private func answer(_ status: String, retryAfter: Int? = nil, body: String = "") {
        isBusy = false
        // What comes next was not asked before.
        asked = server.scheduler.elapsed + .nanoseconds(1)
        let wait = retryAfter.map { "Retry-After: \($0)\r\n" } ?? ""
        write("HTTP/1.1 \(status)\r\n\(wait)Content-Length: \(body.utf8.count)\r\n\r\n\(body)")
    }

    private func write(_ text: String) {
        context?.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
    }

    private func reset() {
        let option = (context?.channel as? any SocketOptionProvider)?.setSoLinger(linger(l_onoff: 1, l_linger: 0))
        option?.whenFailure { _ in }
        context?.close(promise: nil)
    }

    private func after(_ delay: Duration, _ work: @escaping () -> Void) {
        server.machine.loop.assumeIsolated().scheduleTask(in: .nanoseconds(delay.wholeNanoseconds), work)
    }
}
