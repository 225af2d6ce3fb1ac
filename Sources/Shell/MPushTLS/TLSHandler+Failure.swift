import MPushCause
import NIOCore

extension TLSHandler {
    /// Tells the peer (OpenSSL has made the alert), tells what is behind, and closes. Once at most.
    func fail(_ failure: TLSFailure, _ context: ChannelHandlerContext) {
        let engine: TLSEngine?
        switch phase {
        case .handshaking(let failed): engine = failed
        case .established(let failed): engine = failed
        case .idle: engine = nil
        case .lingering, .closed: return
        }
        forgetSessions()
        let alert = engine?.takeOutput()
        send(alert, context)
        end(breakingPromisesWith: TLSError(failure))
        if alert != nil, context.channel.isActive { linger(context) }
        context.fireErrorCaught(TLSError(failure))
        if case .closed = phase { context.close(promise: nil) }
    }

    /// A session that led to a failure is not worth a second try.
    private func forgetSessions() {
        if case .client(_, _, let key?, let sessions?) = side { sessions.remove(for: key) }
    }
}
