import NIOCore

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
