import MPushCause
import MPushTLS
import NIOCore
import NIOHTTP1

/// Gathers the one HTTP answer of an allocator, up to a bound.
final class AllocatorExchange: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart

    private static let longestBody = 64 * 1024

    private var completion: ((Result<String, AllocatorClient.AllocatorFailure>) -> Void)?
    private var body = ByteBuffer()

    init(completion: @escaping (Result<String, AllocatorClient.AllocatorFailure>) -> Void) {
        self.completion = completion
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            if head.status != .ok { fail("it answered \(head.status.code) \(head.status.reasonPhrase)") }
        case .body(let part):
            guard body.readableBytes + part.readableBytes <= AllocatorExchange.longestBody else {
                return fail("its answer is longer than \(AllocatorExchange.longestBody) bytes")
            }
            body.writeImmutableBuffer(part)
        case .end:
            finish(.success(String(buffer: body)))
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        let words =
            switch error {
            case let error as TLSError: LossCause.tls(error.failure).sentence
            case let error as HTTPParserError: "its answer is not HTTP (\(error))"
            default: ConnectFailureText.words(for: error)
            }
        fail(words)
    }

    func channelInactive(context: ChannelHandlerContext) {
        fail("it closed before its answer was complete")
    }

    private func fail(_ detail: String) {
        finish(.failure(AllocatorClient.AllocatorFailure(detail: detail)))
    }

    private func finish(_ result: Result<String, AllocatorClient.AllocatorFailure>) {
        let completion = self.completion
        self.completion = nil
        completion?(result)
    }
}
