import Glibc
import MPushModel
import MPushWorld
import NIOCore

/// A connection to a webhook, with its one request.
final class WebhookConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// For what never comes: a whole request, and the end of a connection.
    private static let patience = Duration.seconds(120)

    private let server: WebhookServer
    private var bytes = ByteBuffer()
    private var hasRequest = false
    /// What the answer that was sent confirms.
    private var confirms: (call: WebhookCall, answered: Duration)?
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
        bytes.writeImmutableBuffer(unwrapInboundIn(data))
        do throws(WebhookCall.Malformed) {
            guard let call = try WebhookCall(bytes) else { return }
            guard !hasRequest else { return server.ledger.report("good requests", "one comes after \(call.id)") }
            hasRequest = true
            bytes = ByteBuffer()
            server.checkKey(of: call)
            handle(call)
        } catch {
            server.ledger.report("good requests", "a request \(error.reason)")
        }
    }

    /// Who asked has the answer when it closes after it has got all of it: with something unread it would be a reset.
    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard case .inputClosed? = event as? ChannelEvent else { return context.fireUserInboundEventTriggered(event) }
        if let confirms, server.seesConfirmations, (context.channel as? WorldChannel)?.unacknowledgedBytes == 0 {
            server.confirmed(confirms.call, answered: confirms.answered)
        }
        context.close(promise: nil)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    // MARK: - What becomes of the request

    private func handle(_ call: WebhookCall) {
        let (random, mood) = (server.random, server[call.route])
        let time = random.skewedDuration(in: mood.takes)
        if random.chance(mood.share) { return fail(call, mood.fault, after: time) }
        if call.route == server.fussy, call.isPoison {
            return after(time) { [self] in
                server.ledger.refused(call.id, by: call.route)
                answer("400 Bad Request")
            }
        }
        act(on: call)
        after(time) { [self] in
            let body = random.chance(0.3) ? String(repeating: "y", count: random.below(400)) : ""
            confirm(call, random.chance(0.5) ? "200 OK" : "201 Created", body: body)
            // Some wait for the client to close, and some do not.
            if random.chance(0.25) { context?.close(promise: nil) }
        }
    }

    /// At once, as they come: what lies here is in its order.
    private func act(on call: WebhookCall) {
        server.act(on: call, asked: (context?.channel as? WorldChannel)?.openedAt ?? .zero)
    }

    private func confirm(_ call: WebhookCall, _ status: String, body: String = "") {
        confirms = (call, server.scheduler.elapsed)
        answer(status, body: body)
    }

    private func fail(_ call: WebhookCall, _ fault: WebhookFault, after time: Duration) {
        if fault.acts { act(on: call) }
        let random = server.random
        after(time) { [self] in
            switch fault {
            case .unavailable:
                answer("503 Service Unavailable", retryAfter: random.chance(0.3) ? 1 + random.below(300) : nil)
            case .broken: answer("500 Internal Server Error", body: "sorry")
            case .tooMany: answer("429 Too Many Requests", retryAfter: 1 + random.below(900))
            case .rubbish: write("SSH-2.0-world\r\n\r\n")
            case .closes, .actsAndCloses: context?.close(promise: nil)
            case .resets, .actsAndResets: reset()
            case .silent, .actsAndIsSilent: break
            case .actsAndAnswersHalf:
                write("HTTP/1.1 200 OK\r\nContent-Len")
                context?.close(promise: nil)
            case .actsAndAnswersTwice:
                confirm(call, "200 OK")
                answer("500 Internal Server Error")
            case .actsAndIsBroken: answer("500 Internal Server Error")
            }
        }
    }

    private func answer(_ status: String, retryAfter: Int? = nil, body: String = "") {
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
