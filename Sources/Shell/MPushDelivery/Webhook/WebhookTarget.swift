import MPushConfiguration
import MPushConnection
import MPushInbox
import MPushModel
import MPushPlatform
import MPushRouting
import MPushTLS

/// A URL as a route's target: messages are POSTed to it, one by one or several together, over connections that are kept for a
/// while. A TLS session is resumed from one to the next, so that only the first costs a whole handshake. Belongs to the event
/// loop.
final class WebhookTarget: BatchTarget {
    /// Connections that wait for a request: a route has no more under way.
    private static let mostKept = 64

    private var settings: WebhookSettings
    private let route: String
    private var tls: TLSContext?
    private var secret: SecretBytes?
    private var proxy: LoadedProxy?
    private let sessions: TLSSessionCache
    private let pool: HTTPConnectionPool
    private let surroundings: Connector.Environment
    private let wallClock: WallClockWatch
    private let userAgent: String
    private var isStopped = false

    init(
        _ settings: WebhookSettings, of route: LoadedRoute, in surroundings: Connector.Environment,
        wallClock: WallClockWatch, userAgent: String
    ) {
        self.settings = settings
        self.route = route.settings.name
        tls = route.tls
        secret = route.secret
        proxy = route.proxy
        self.surroundings = surroundings
        self.wallClock = wallClock
        sessions = TLSSessionCache(clock: surroundings.timer.clock)
        pool = HTTPConnectionPool(
            idleLimit: settings.keepAlive, most: WebhookTarget.mostKept, timer: surroundings.timer)
        self.userAgent = userAgent
    }

    func apply(_ route: LoadedRoute) -> Bool {
        guard case .webhook(let settings) = route.settings.target else { return false }
        // A session belongs to the judgement under which it was made; which certificates the system trusts may have changed
        // without a word in the configuration.
        let isJudgedAlike = settings.authorities != nil && route.tls?.trustDigest == tls?.trustDigest
        if !isJudgedAlike { sessions.removeAll() }
        pool.removeAll(idleLimit: settings.keepAlive)
        (self.settings, tls, secret, proxy) = (settings, route.tls, route.secret, route.proxy)
        return true
    }

    func stop(_ done: @escaping () -> Void) {
        isStopped = true
        sessions.removeAll()
        pool.close()
        wallClock.setWaiting(false, self)
        done()
    }

    func deliver(_ message: StoredMessage, attempt: Int, done: @escaping (AttemptResult) -> Void) -> () -> Void {
        guard settings.batch == nil else {
            return deliver([AttemptedMessage(message: message, attempt: attempt)]) { result in
                switch result {
                case .whole(let result): done(result)
                case .each(let results): results.first.map(done)
                }
            }
        }
        let url = settings.url.withoutQuery
        let (surroundings, makes) = (surroundings, maker)
        return ask(longestBody: nil) { () throws(WebhookRequest.Failure) in
            try makes.request(for: message, attempt: attempt)
        } done: { result in
            done(result.fold { AttemptResult($0, from: url, at: surroundings.timer.wall) })
        } abandoned: {
            done(.abandoned)
        }
    }

    func deliver(_ messages: [AttemptedMessage], done: @escaping (BatchResult) -> Void) -> () -> Void {
        let url = settings.url.withoutQuery
        let format = settings.batch?.format ?? .json
        let (surroundings, makes) = (surroundings, maker)
        return ask(longestBody: BatchResult.longestAnswer) { () throws(WebhookRequest.Failure) in
            try makes.request(for: messages, format)
        } done: { result in
            let positions = messages.map(\.message.position)
            switch result {
            case .answer(let answer):
                done(BatchResult(answer, to: positions, from: url, at: surroundings.timer.wall))
            case .none(let result): done(.whole(result))
            }
        } abandoned: {
            done(.whole(.abandoned))
        }
    }

    private var maker: WebhookRequest {
        WebhookRequest(
            settings: settings, route: route, secret: secret, userAgent: userAgent, now: surroundings.timer.wall)
    }

    /// An answer, or what it means that there is none.
    private enum Outcome {
        case answer(HTTPAnswer)
        case none(AttemptResult)

        func fold(_ meaning: (HTTPAnswer) -> AttemptResult) -> AttemptResult {
            switch self {
            case .answer(let answer): meaning(answer)
            case .none(let result): result
            }
        }
    }

    /// Makes a request. What is given back ends it before its time, and calls `abandoned`.
    private func ask(
        longestBody: Int?, _ make: () throws(WebhookRequest.Failure) -> HTTPRequest,
        done: @escaping (Outcome) -> Void, abandoned: @escaping () -> Void
    ) -> () -> Void {
        let request: HTTPRequest
        do throws(WebhookRequest.Failure) { request = try make() } catch {
            done(.none(.failed(error.detail, retryAfter: nil)))
            return {}
        }
        let url = settings.url.withoutQuery
        let client = HTTPClient(
            request, tls: tls, sessions: sessions, proxy: proxy, pool: pool, timeout: settings.timeLimit,
            longestBody: longestBody, in: surroundings
        ) { [self] answer in
            done(outcome(answer, from: url))
        }
        client.start()
        return {
            client.cancel()
            abandoned()
        }
    }

    /// What came of a request. Where this machine's clock is to blame, its being set is waited for.
    private func outcome(_ answer: Result<HTTPAnswer, HTTPFailure>, from url: String) -> Outcome {
        switch answer {
        case .success(let answer):
            wallClock.setWaiting(false, self)
            return .answer(answer)
        case .failure(let failure):
            let cause = failure.tls.map { wallClock.judge(.tls($0)) }
            wallClock.setWaiting(cause?.isOfClock == true && !isStopped, self)
            guard let cause, cause.isOfClock else { return .none(AttemptResult(failure, from: url)) }
            return .none(.unavailable("\(url): \(cause.sentence)"))
        }
    }
}
