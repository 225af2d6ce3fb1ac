import MPushConfiguration
package import MPushModel
import MPushPlatform
package import MPushTLS
package import NIOCore
import NIOHTTP1

/// Makes one HTTP request over a connection of its own and gives the answer: bounded in time and size, redirects not
/// followed. Belongs to its event loop; used once.
package final class HTTPClient {
    package typealias Completion = (Result<HTTPAnswer, HTTPFailure>) -> Void

    private let request: HTTPRequest
    private let tls: TLSContext?
    private let sessions: TLSSessionCache?
    private let proxy: LoadedProxy?
    private let timeout: Duration
    private let longestBody: Int?
    private let surroundings: Connector.Environment
    private var completion: Completion?
    private var connector: Connector?
    private var channel: (any Channel)?
    private var exchange: HTTPExchange?
    private var owner: LoopTimer.Owner?

    /// - Parameters:
    ///   - tls: for https; nil for http.
    ///   - sessions: lets TLS be resumed, which spares most of a handshake; nil to do without.
    ///   - proxy: what the way leads through, where it does.
    ///   - timeout: from `start` to the answer.
    ///   - longestBody: of the answer, beyond which it is a failure; nil where its head is all that is asked for.
    package init(
        _ request: HTTPRequest, tls: TLSContext?, sessions: TLSSessionCache? = nil, proxy: LoadedProxy? = nil,
        timeout: Duration, longestBody: Int?, in surroundings: Connector.Environment, completion: @escaping Completion
    ) {
        self.request = request
        self.tls = tls
        self.sessions = sessions
        self.proxy = proxy
        self.timeout = timeout
        self.longestBody = longestBody
        self.surroundings = surroundings
        self.completion = completion
    }

    /// Begins. The completion is called once, later, unless `cancel` comes before.
    package func start() {
        beginTime()
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

    /// Begins over `channel`, which is connected, in place of a connection of its own.
    package func start(over channel: any Channel) {
        beginTime()
        connected(.success(channel))
    }

    private func beginTime() {
        let owner = surroundings.timer.makeOwner { [weak self] _ in self?.timedOut() }
        self.owner = owner
        surroundings.timer.set(surroundings.timer.now + timeout, for: owner)
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
            self.channel = channel
            // However the connection ends, also where no handler is told.
            channel.closeFuture.assumeIsolated().whenComplete { [weak self] _ in
                self?.fail(HTTPExchange.closedTooSoon)
            }
            do {
                try addHandlers(to: channel)
            } catch {
                fail("\(error)")
            }
        }
    }

    private func addHandlers(to channel: any Channel) throws {
        let url = request.url
        guard (url.scheme == .https) == (tls != nil) else {
            return fail("\(url.scheme.rawValue) and the certificates do not go together")
        }
        let decoder = HTTPResponseDecoder(leftOverBytesStrategy: .dropBytes, limitConfiguration: HTTPExchange.limits)
        let exchange = HTTPExchange(head, body: request.body, longestBody: longestBody, awaitsTLS: tls != nil) {
            [weak self] result in
            self?.finish(result)
        }
        self.exchange = exchange
        let secure = try tls.map { context in
            try TLSHandler(
                client: context, serverName: url.host, port: Int(url.port), sessions: sessions,
                handshakeTimeout: timeout, timer: surroundings.timer)
        }
        try ConnectionBuilder.begin(
            on: channel, with: [HTTPRequestEncoder(), ByteToMessageHandler(decoder), exchange], behind: secure)
    }

    private var head: HTTPRequestHead {
        let method = NIOHTTP1.HTTPMethod(rawValue: request.method.rawValue)
        var head = HTTPRequestHead(version: .http1_1, method: method, uri: request.url.target)
        head.headers.add(name: "Host", value: request.url.hostField)
        for (name, value) in request.fields { head.headers.add(name: name, value: value) }
        if let body = request.body { head.headers.add(name: "Content-Length", value: String(body.readableBytes)) }
        head.headers.add(name: "Connection", value: "close")
        return head
    }

    private func timedOut() {
        fail("no answer within \(timeout.humanReadable)")
    }

    private func fail(_ detail: String) {
        finish(.failure(HTTPFailure(detail, isReached: exchange?.isSent == true)))
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
        channel?.close(promise: nil)
        channel = nil
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
