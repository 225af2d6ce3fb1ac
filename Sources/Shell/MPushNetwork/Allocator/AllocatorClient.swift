import MPushCause
package import MPushConfiguration
import MPushPlatform
package import MPushTLS
import MPushTime
import NIOCore
import NIOHTTP1

/// Asks an allocator where to connect to: one GET, one answer in plain text, `ip:port,ip:port,...` (PROTOCOL.md section
/// 8). Bounded in time and size. Belongs to its event loop; used once.
package final class AllocatorClient {
    package typealias Completion = (Result<[Endpoint], AllocatorFailure>) -> Void

    /// Why there is no answer that can be used, in words.
    package struct AllocatorFailure: Error, Equatable {
        /// Words that stand after the allocator's name.
        package let detail: String
    }

    private let url: AllocatorURL
    private let tls: TLSContext?
    private let timeout: Duration
    private let userAgent: String
    private let surroundings: Connector.Surroundings
    private var completion: Completion?
    private var connector: Connector?
    private var channel: (any Channel)?
    private var owner: LoopTimer.Owner?

    /// - Parameter tls: for https; nil for http.
    package init(
        _ url: AllocatorURL, tls: TLSContext?, timeout: Duration, userAgent: String,
        in surroundings: Connector.Surroundings, completion: @escaping Completion
    ) {
        self.url = url
        self.tls = tls
        self.timeout = timeout
        self.userAgent = userAgent
        self.surroundings = surroundings
        self.completion = completion
    }

    /// Begins. The completion is called once, later, unless `cancel` comes before.
    package func start() {
        let owner = surroundings.timer.makeOwner { [weak self] _ in self?.timedOut() }
        self.owner = owner
        surroundings.timer.set(BootClock.now() + timeout, for: owner)
        let limits = Connector.Limits(resolve: timeout, connect: timeout, userTimeout: timeout)
        let connector = Connector(to: url.host, port: url.port, limits: limits, in: surroundings) {
            [weak self] result in
            self?.connected(result)
        }
        self.connector = connector
        connector.start()
    }

    /// Gives up without a word.
    package func cancel() {
        completion = nil
        cleanUp()
    }

    private func connected(_ result: Result<any Channel, Connector.ConnectFailure>) {
        connector = nil
        switch result {
        case .failure(let failure): finish(.failure(AllocatorFailure(detail: failure.cause.sentence)))
        case .success(let channel):
            self.channel = channel
            do {
                try addHandlers(to: channel)
            } catch {
                finish(.failure(AllocatorFailure(detail: "\(error)")))
            }
        }
    }

    private func addHandlers(to channel: any Channel) throws {
        let pipeline = channel.pipeline.syncOperations
        try pipeline.addHandler(HTTPRequestEncoder())
        try pipeline.addHandler(ByteToMessageHandler(HTTPResponseDecoder()))
        let exchange = AllocatorExchange { [weak self] result in self?.answered(result) }
        try pipeline.addHandler(exchange)
        if let tls {
            // Last, because it begins, and may fail, as soon as it is added.
            try pipeline.addHandler(
                TLSHandler(
                    client: tls, serverName: url.host, port: Int(url.port), sessions: nil, handshakeTimeout: timeout),
                position: .first)
        }
        channel.setOption(.autoRead, value: true).assumeIsolated().whenFailure { _ in }
        var head = HTTPRequestHead(version: .http1_1, method: .GET, uri: url.target)
        head.headers.add(name: "Host", value: url.hostField)
        head.headers.add(name: "User-Agent", value: userAgent)
        head.headers.add(name: "Accept", value: "text/plain")
        head.headers.add(name: "Connection", value: "close")
        channel.write(HTTPClientRequestPart.head(head), promise: nil)
        channel.writeAndFlush(HTTPClientRequestPart.end(nil), promise: nil)
    }

    private func answered(_ result: Result<String, AllocatorFailure>) {
        switch result {
        case .failure(let failure): finish(.failure(failure))
        case .success(let text):
            let endpoints = AllocatorClient.endpoints(in: text)
            let failure = AllocatorFailure(detail: "its answer names no server that could be used")
            finish(endpoints.isEmpty ? .failure(failure) : .success(endpoints))
        }
    }

    /// The servers that `text` names, the best first; what is no `host:port` is passed over.
    static func endpoints(in text: String) -> [Endpoint] {
        text.split { $0 == "," || $0.isWhitespace }.compactMap { try? Endpoint(parsing: String($0)) }
    }

    private func timedOut() {
        finish(.failure(AllocatorFailure(detail: "no answer within \(timeout.spoken)")))
    }

    private func finish(_ result: Result<[Endpoint], AllocatorFailure>) {
        let completion = self.completion
        self.completion = nil
        cleanUp()
        completion?(result)
    }

    private func cleanUp() {
        if let owner { surroundings.timer.remove(owner) }
        owner = nil
        connector?.cancel()
        connector = nil
        channel?.close(promise: nil)
        channel = nil
    }
}
