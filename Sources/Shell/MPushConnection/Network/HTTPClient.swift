import MPushConfiguration
package import MPushModel
import MPushPlatform
package import MPushTLS
package import NIOCore
import NIOHTTP1

/// Makes one HTTP request, over a connection of its own or one that a pool has kept, and gives the answer: bounded in time and
/// size, redirects not followed. Belongs to its event loop; used once.
package final class HTTPClient {
    package typealias Completion = (Result<HTTPAnswer, HTTPFailure>) -> Void

    /// How long what nobody asked for is waited for behind the head of an answer, so that its connection can be kept.
    private static let patienceForRest = Duration.seconds(1)

    private let request: HTTPRequest
    private let tls: TLSContext?
    private let sessions: TLSSessionCache?
    private let proxy: LoadedProxy?
    private let pool: HTTPConnectionPool?
    private let timeout: Duration
    private let longestBody: Int?
    private let surroundings: Connector.Environment
    private var completion: Completion?
    private var connector: Connector?
    private var exchange: HTTPExchange?
    /// Of the pool when the connection was made.
    private var generation = 0
    /// Whether the connection has answered another request before.
    private var isReused = false
    private var owner: LoopTimer.Owner?
    private var due = Instant.zero

    /// - Parameters:
    ///   - tls: for https; nil for http.
    ///   - sessions: lets TLS be resumed, which spares most of a handshake; nil to do without.
    ///   - proxy: what the way leads through, where it does.
    ///   - pool: where the connection comes from, and is left; nil for one that is closed after the answer. A connection that
    ///     the server closes before the first byte of an answer is replaced once, where it was kept: the server had most
    ///     likely closed it before the request came.
    ///   - timeout: from `start` to the answer.
    ///   - longestBody: of the answer, beyond which it is a failure; nil where its head is all that is asked for.
    package init(
        _ request: HTTPRequest, tls: TLSContext?, sessions: TLSSessionCache? = nil, proxy: LoadedProxy? = nil,
        pool: HTTPConnectionPool? = nil, timeout: Duration, longestBody: Int?, in surroundings: Connector.Environment,
        completion: @escaping Completion
    ) {
        self.request = request
        self.tls = tls
        self.sessions = sessions
        self.proxy = proxy
        self.pool = pool.flatMap { $0.isUsed ? $0 : nil }
        self.timeout = timeout
        self.longestBody = longestBody
        self.surroundings = surroundings
        self.completion = completion
    }

    /// Begins. The completion is called once, later, unless `cancel` comes before.
    package func start() {
        beginTime()
        guard let pool else { return connect() }
        generation = pool.generation
        guard let kept = pool.take() else { return connect() }
        isReused = true
        exchange = kept
        begin(on: kept)
    }

    /// Begins over `channel`, which is connected, in place of a connection of its own.
    package func start(over channel: any Channel) {
        beginTime()
        connected(.success(channel))
    }

    private func connect() {
        // Where there is a second way, the first must leave it time.
        let part = proxy?.fallsBack == true ? timeout / 3 : timeout
        let limits = Connector.Limits(resolve: part, connect: part, userTimeout: timeout)
        let connector = Connector(
            to: request.url.host, port: request.url.port, limits: limits, by: proxy,
            usesOldAddresses: tls != nil, in: surroundings
        ) { [weak self] result in
            self?.connected(result)
        }
        self.connector = connector
        connector.start()
    }

    private func beginTime() {
        let owner = surroundings.timer.makeOwner { [weak self] _ in self?.timedOut() }
        self.owner = owner
        due = surroundings.timer.now + timeout
        surroundings.timer.set(due, for: owner)
    }

    /// Gives up without a word.
    package func cancel() {
        completion = nil
        cleanUp()
    }

    func connected(_ result: Result<any Channel, Connector.ConnectFailure>) {
        connector = nil
        switch result {
        case .failure(let failure):
            finish(.failure(HTTPFailure(failure.cause)))
        case .success(let channel):
            let exchange = HTTPExchange(on: channel, awaitsTLS: tls != nil, opened: surroundings.timer.now)
            self.exchange = exchange
            begin(on: exchange)
            // However the connection ends, also where no handler is told.
            channel.closeFuture.assumeIsolated().whenComplete { [weak exchange] _ in exchange?.closed() }
            do {
                try addHandlers(exchange, to: channel)
            } catch {
                fail("\(error)")
            }
        }
    }

    private func begin(on exchange: HTTPExchange) {
        exchange.begin(
            HTTPExchange.Request(
                head: head, body: request.body, longestBody: longestBody, staysOpen: pool != nil,
                onHead: { [weak self] in self?.headCame() }, onEnd: { [weak self] result in self?.ended(result) }))
    }

    private func addHandlers(_ exchange: HTTPExchange, to channel: any Channel) throws {
        let url = request.url
        guard (url.scheme == .https) == (tls != nil) else {
            return fail("\(url.scheme.rawValue) and the certificates do not go together")
        }
        let decoder = HTTPResponseDecoder(leftOverBytesStrategy: .dropBytes, limitConfiguration: HTTPExchange.limits)
        let secure = try tls.map { context in
            try TLSHandler(
                client: context, serverName: url.host, port: Int(url.port), sessions: sessions,
                handshakeTimeout: timeout, timer: surroundings.timer)
        }
        let handlers: [any ChannelHandler] = [
            AnswerByteNotice(for: exchange), HTTPRequestEncoder(), ByteToMessageHandler(decoder), exchange,
        ]
        try ConnectionBuilder.begin(on: channel, with: handlers, behind: secure)
    }

    private var head: HTTPRequestHead {
        let method = NIOHTTP1.HTTPMethod(rawValue: request.method.rawValue)
        var head = HTTPRequestHead(version: .http1_1, method: method, uri: request.url.target)
        head.headers.add(name: "Host", value: request.url.hostField)
        for (name, value) in request.fields { head.headers.add(name: name, value: value) }
        if let body = request.body { head.headers.add(name: "Content-Length", value: String(body.readableBytes)) }
        if pool == nil { head.headers.add(name: "Connection", value: "close") }
        return head
    }

    private func headCame() {
        guard let owner, longestBody == nil else { return }
        surroundings.timer.set(min(due, surroundings.timer.now + HTTPClient.patienceForRest), for: owner)
    }

    private func timedOut() {
        if let answer = exchange?.sufficientAnswer { return finish(.success(answer)) }
        if isReused { pool?.distrust() }
        fail("no answer within \(timeout.humanReadable)")
    }

    private func fail(_ detail: String) {
        finish(.failure(HTTPFailure(detail, isReached: exchange?.isSent == true)))
    }

    private func ended(_ result: Result<HTTPAnswer, HTTPFailure>) {
        switch result {
        case .success(let answer):
            guard let pool else { break }
            if let owner { surroundings.timer.set(nil, for: owner) }
            // A turn later, so that a second answer that came along is not taken for that to the next request.
            return surroundings.eventLoop.assumeIsolated().execute { [self] in
                guard completion != nil else { return }
                if let exchange { pool.keep(exchange, of: generation, after: answer) }
                exchange = nil
                finish(result)
            }
        case .failure:
            guard isReused, exchange?.hasAnswerBytes == false else { break }
            isReused = false
            exchange?.close()
            exchange = nil
            pool?.distrust()
            return connect()
        }
        finish(result)
    }

    private func finish(_ result: Result<HTTPAnswer, HTTPFailure>) {
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
        exchange?.close()
        exchange = nil
    }
}

/// A request that an `HTTPClient` makes.
package struct HTTPRequest: Sendable {
    package enum Method: String, Sendable {
        case get = "GET"
        case post = "POST"
    }

    package let method: Method
    package let url: HTTPURL
    /// Fields of the head beside Host, Content-Length and Connection, in their order. Names and values hold no line ends.
    package let fields: [(name: String, value: String)]
    package let body: ByteBuffer?

    package init(
        _ method: Method, _ url: HTTPURL, fields: [(name: String, value: String)], body: ByteBuffer? = nil
    ) {
        self.method = method
        self.url = url
        self.fields = fields
        self.body = body
    }
}

/// The answer to an `HTTPRequest`.
package struct HTTPAnswer: Sendable {
    package let status: Int
    /// `Service Unavailable`, as the server worded it, within bounds.
    package let reason: String
    /// Fields of the head, in their order.
    package let fields: [(name: String, value: String)]
    /// Empty where it was not asked for.
    package var body = ByteBuffer()

    /// The first value of the field `name`, in any case.
    package func field(_ name: String) -> String? {
        fields.first { $0.name.lowercased() == name.lowercased() }?.value
    }
}

/// Why there is no answer to a request, in words.
package struct HTTPFailure: Error, Equatable, Sendable {
    package let detail: String
    /// Whether this machine is short of what a connection needs, and nothing is wrong with the server.
    package let isShortage: Bool
    /// Whether the request was on its way, so that what it asks for may be why there is no answer.
    package let isReached: Bool

    /// Why TLS failed, where that is what did.
    package let tls: TLSFailure?

    package init(_ detail: String, isReached: Bool = false) {
        self.detail = detail
        isShortage = false
        self.isReached = isReached
        tls = nil
    }

    package init(_ cause: LossCause, isReached: Bool = false) {
        detail = cause.sentence
        isShortage = cause.isShortage
        self.isReached = isReached
        tls = cause.certificateFailure
    }
}
