import Glibc
import MPushPlatform
import MPushTLS
import MPushTestSupport
import NIOCore
import NIOEmbedded
import Testing

/// What becomes of an error of the connection below TLS.
@Suite struct TransportErrorTests {
    /// Notes what comes out of the pipeline's end.
    private final class Recorder: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        private(set) var seen: [String] = []

        func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
            if event is TLSHandshakeCompleted { seen.append("secured") }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            seen.append((error as? IOError).map { "errno \($0.errnoCode)" } ?? "\(error)")
        }

        func channelInactive(context: ChannelHandlerContext) {
            seen.append("inactive")
        }
    }

    @Test func aResetIsHeardOfBeforeTheEndThatItBrings() throws {
        let authorities = try TestAuthorities()
        let server = try TLSEngine(server: authorities.server())
        let recorder = Recorder()
        let channel = EmbeddedChannel()
        try channel.pipeline.syncOperations.addHandlers(
            TLSHandler(
                client: authorities.client(), serverName: "push.example.com", port: 3443, sessions: nil,
                handshakeTimeout: .seconds(10),
                timer: LoopTimer(on: channel.embeddedEventLoop, clock: SettableClock(wall: TestAuthorities.year(2030)))),
            recorder)
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 3443)).wait()
        while let bytes = try channel.readOutbound(as: ByteBuffer.self) {
            server.receive(bytes)
            _ = try server.handshake()
            if let answer = server.takeOutput() { try channel.writeInbound(answer) }
        }
        channel.pipeline.fireErrorCaught(IOError(errnoCode: ECONNRESET, reason: "read"))
        channel.pipeline.fireChannelInactive()
        #expect(recorder.seen.prefix(3) == ["secured", "errno \(ECONNRESET)", "inactive"])
        _ = try? channel.finish(acceptAlreadyClosed: true)
    }
}
