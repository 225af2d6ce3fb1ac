package import MPushModel
import MPushPlatform
package import MPushSupervision
import MPushTLS
import MPushWire
package import NIOCore

/// Asks a proxy to lead to a server, and stays in the pipeline: what is behind it sees the server's bytes, it sees when some
/// went either way. Belongs to its channel's event loop.
package final class ProxyTunnel: ChannelDuplexHandler {
    package typealias InboundIn = ByteBuffer
    package typealias InboundOut = ByteBuffer
    package typealias OutboundIn = ByteBuffer
    package typealias OutboundOut = ByteBuffer

    private enum Phase {
        case asking(ProxyHandshake)
        /// The tunnel is there, and nobody behind it yet.
        case holding(ByteBuffer)
        case open
        case ended
    }

    package let proxy: ProxyURL
    private let awaitsTLS: Bool
    private let clock: any ClockSource
    private var phase: Phase
    private var completion: ((ProxyFailure?) -> Void)?
    private var context: ChannelHandlerContext?
    private var hasBegun = false
    private var lastByte: Instant
    private var longestIdle = Duration.zero
    /// What there is to say of the traffic once the connection has ended.
    private var traffic: IdleCutWatch.Traffic?

    /// - Parameter completion: called once, with nil when the tunnel is there.
    init(
        through proxy: LoadedProxy, to target: ProxyHandshake.Target, clock: any ClockSource,
        completion: @escaping (ProxyFailure?) -> Void
    ) {
        self.proxy = proxy.url
        awaitsTLS = proxy.tls != nil
        phase = .asking(ProxyHandshake(proxy.url.scheme, to: target, as: proxy.user))
        self.clock = clock
        self.completion = completion
        lastByte = clock.now
    }

    /// Who is behind it is there: hands on what came since.
    func release() {
        guard case .holding(let rest) = phase, let context else { return }
        phase = .open
        guard rest.readableBytes > 0 else { return }
        context.fireChannelRead(wrapInboundOut(rest))
        context.fireChannelReadComplete()
    }

    /// How long nothing was sent or received when the connection ended, which is now at the latest.
    package var trafficAtEnd: IdleCutWatch.Traffic { traffic ?? currentTraffic }

    /// Nobody waits for it any more.
    func cancel() { completion = nil }

    /// The channel is closed, whether a handler was told or not.
    func closed() {
        fail(closing(nil))
    }

    // MARK: - The channel

    package func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        if !awaitsTLS, context.channel.isActive { begin(context) }
    }

    package func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        fail(closing(nil))
    }

    package func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        // The proxy's handshake is not what those behind this wait for.
        if event is TLSHandshakeCompleted, case .asking = phase { return begin(context) }
        context.fireUserInboundEventTriggered(event)
    }

    package func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let bytes = unwrapInboundIn(data)
        touched()
        switch phase {
        case .asking(var handshake):
            let step = handshake.received(Array(bytes.readableBytesView))
            phase = .asking(handshake)
            run(step, context)
        case .holding(var held):
            held.writeImmutableBuffer(bytes)
            phase = .holding(held)
        case .open: context.fireChannelRead(data)
        case .ended: break
        }
    }

    package func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        touched()
        context.write(data, promise: promise)
    }

    package func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        ended()
        context.close(mode: mode, promise: promise)
    }

    package func errorCaught(context: ChannelHandlerContext, error: any Error) {
        ended()
        guard case .asking = phase else {
            // TLS that breaks here is the proxy's, and not what the server proves with its own.
            let error = (error as? TLSError).map { ProxyTunnelError(proxy: proxy, failure: $0.failure) } ?? error
            return context.fireErrorCaught(error)
        }
        switch error {
        case let error as TLSError: fail(.insecure(error.failure))
        default: fail(closing(ConnectFailureText.text(for: error)))
        }
    }

    package func channelInactive(context: ChannelHandlerContext) {
        ended()
        fail(closing(nil))
        context.fireChannelInactive()
    }

    // MARK: - The handshake

    private func begin(_ context: ChannelHandlerContext) {
        guard !hasBegun, case .asking(let handshake) = phase else { return }
        hasBegun = true
        send(handshake.opening, context)
    }

    private func run(_ step: ProxyHandshake.Step, _ context: ChannelHandlerContext) {
        switch step {
        case .wait: break
        case .send(let bytes): send(bytes, context)
        case .established(let rest):
            phase = .holding(ByteBuffer(bytes: rest))
            context.channel.setOption(.autoRead, value: false).assumeIsolated().whenFailure { _ in }
            complete(nil)
        case .failed(let failure): fail(failure)
        }
    }

    private func send(_ bytes: [UInt8], _ context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: bytes)), promise: nil)
    }

    private func closing(_ reason: String?) -> ProxyFailure {
        if case .asking(let handshake) = phase { return handshake.closed(reason) }
        return .failed(detail: reason ?? "it closed")
    }

    private func fail(_ failure: @autoclosure () -> ProxyFailure) {
        guard completion != nil else { return }
        let failure = failure()
        phase = .ended
        complete(failure)
    }

    private func complete(_ failure: ProxyFailure?) {
        let completion = self.completion
        self.completion = nil
        completion?(failure)
    }

    // MARK: - Traffic

    private func touched() {
        let now = clock.now
        longestIdle = max(longestIdle, now - lastByte)
        lastByte = now
    }

    private func ended() {
        if traffic == nil { traffic = currentTraffic }
    }

    private var currentTraffic: IdleCutWatch.Traffic {
        IdleCutWatch.Traffic(idle: clock.now - lastByte, longestIdle: longestIdle)
    }
}

/// TLS to the proxy broke under a tunnel.
private struct ProxyTunnelError: Error, CustomStringConvertible {
    let proxy: ProxyURL
    let failure: TLSFailure

    var description: String { "the proxy \(proxy): TLS: \(failure.sentence)" }
}
