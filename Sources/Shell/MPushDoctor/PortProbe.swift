import MPushModel
import MPushPlatform
import NIOCore

/// Asks a port one question in a protocol of its own, and hands on what it answers first. Belongs to its event loop; used
/// once.
final class PortProbe {
    /// The questions.
    enum Question {
        case http(host: String)
        /// The byte that a server of MPush answers with the same, before any handshake as well.
        case heartbeat
        case tls

        var bytes: [UInt8] {
            switch self {
            case .http(let host):
                Array("GET / HTTP/1.1\r\nHost: \(host)\r\nUser-Agent: mpushd-doctor\r\nConnection: close\r\n\r\n".utf8)
            case .heartbeat: [0xDF]
            case .tls: PortProbe.clientHello
            }
        }
    }

    /// An answer is cut here.
    private static let mostBytes = 4096

    private var completion: ((PortAnswer) -> Void)?
    private var channel: (any Channel)?

    init(completion: @escaping (PortAnswer) -> Void) {
        self.completion = completion
    }

    /// Asks. The completion is called once, within `limit` or so.
    func ask(
        _ question: Question, at address: SocketAddress, over network: any Network, by timer: LoopTimer,
        within limit: Duration
    ) {
        timer.schedule(in: limit) { [self] in finish(.silent) }
        network.connect(
            to: address, timeout: limit, userTimeout: limit, on: timer.eventLoop,
            onChannel: { [weak self] channel in self?.channel = channel }
        ).assumeIsolated().whenComplete { [self] result in
            guard completion != nil, case .success(let channel) = result else { return finish(.silent) }
            do {
                let collector = AnswerCollector(most: PortProbe.mostBytes) { [weak self] bytes in
                    self?.finish(bytes.isEmpty ? .closed : PortAnswer(bytes: bytes))
                }
                try channel.pipeline.syncOperations.addHandler(collector)
                channel.setOption(.autoRead, value: true).assumeIsolated().whenFailure { _ in }
                channel.writeAndFlush(ByteBuffer(bytes: question.bytes), promise: nil)
            } catch {
                finish(.closed)
            }
        }
    }

    private func finish(_ answer: PortAnswer) {
        guard let completion else { return }
        self.completion = nil
        channel?.close(promise: nil)
        channel = nil
        completion(answer)
    }

    /// A ClientHello of TLS 1.2 with two cipher suites (RFC 5246 section 7.4.1.2): whoever speaks TLS answers it with a
    /// record, be it an alert.
    private static let clientHello: [UInt8] = {
        let random = [UInt8](repeating: 0x5A, count: 32)
        let suites: [UInt8] = [0x00, 0x04, 0xC0, 0x2F, 0xC0, 0x30]
        let body: [UInt8] = [0x03, 0x03] + random + [0x00] + suites + [0x01, 0x00]
        let handshake: [UInt8] = [0x01, 0x00, 0x00, UInt8(body.count)] + body
        return [0x16, 0x03, 0x01, 0x00, UInt8(handshake.count)] + handshake
    }()
}

/// Keeps the first bytes that come: a head of HTTP until it and a page's beginning are there, anything else at once.
private final class AnswerCollector: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let most: Int
    private var bytes: [UInt8] = []
    private var completion: (([UInt8]) -> Void)?

    init(most: Int, completion: @escaping ([UInt8]) -> Void) {
        self.most = most
        self.completion = completion
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        bytes += unwrapInboundIn(data).readableBytesView.prefix(most - bytes.count)
        if bytes.first != UInt8(ascii: "H") || bytes.count >= most || hasHead { finish() }
    }

    func channelInactive(context: ChannelHandlerContext) { finish() }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { finish() }

    private var hasHead: Bool { String(decoding: bytes, as: UTF8.self).contains("\r\n\r\n") }

    private func finish() {
        guard let completion else { return }
        self.completion = nil
        completion(bytes)
    }
}
