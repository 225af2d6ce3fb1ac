import MPushConfiguration
import MPushConnection
import MPushInbox
import MPushModel
import MPushPlatform
import MPushTLS

/// A URL as a route's target: each message is POSTed to it, over a connection of its own. A TLS session is resumed from
/// one to the next, so that only the first costs a whole handshake. Belongs to the event loop.
final class WebhookTarget: RouteTarget {
    private var settings: WebhookSettings
    private let route: String
    private var tls: TLSContext?
    private var secret: SecretBytes?
    private var proxy: LoadedProxy?
    private let sessions: TLSSessionCache
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
        self.userAgent = userAgent
    }

    func apply(_ route: LoadedRoute) -> Bool {
        guard case .webhook(let settings) = route.settings.target else { return false }
        // A session belongs to the judgement under which it was made; which certificates the system trusts may have changed
        // without a word in the configuration.
        let isJudgedAlike = settings.authorities != nil && route.tls?.trustDigest == tls?.trustDigest
        if !isJudgedAlike { sessions.removeAll() }
        (self.settings, tls, secret, proxy) = (settings, route.tls, route.secret, route.proxy)
        return true
    }

    func stop() {
        isStopped = true
        sessions.removeAll()
        wallClock.setWaiting(false, self)
    }

    /// What came of a request. Where this machine's clock is to blame, its being set is waited for.
    private func result(_ answer: Result<HTTPAnswer, HTTPFailure>, from url: String) -> AttemptResult {
        switch answer {
        case .success(let answer):
            wallClock.setWaiting(false, self)
            return AttemptResult(answer, from: url, at: surroundings.timer.wall)
        case .failure(let failure):
            let cause = failure.tls.map { wallClock.judge(.tls($0)) }
            wallClock.setWaiting(cause?.isOfClock == true && !isStopped, self)
            guard let cause, cause.isOfClock else { return AttemptResult(failure, from: url) }
            return .unavailable("\(url): \(cause.sentence)")
        }
    }

    func deliver(_ message: StoredMessage, attempt: Int, done: @escaping (AttemptResult) -> Void) -> () -> Void {
        let request: HTTPRequest
        do throws(WebhookRequest.Failure) {
            request = try WebhookRequest(
                settings: settings, route: route, secret: secret, userAgent: userAgent,
                now: surroundings.timer.wall
            ).request(for: message, attempt: attempt)
        } catch {
            done(.failed(error.detail, retryAfter: nil))
            return {}
        }
        let url = settings.url.withoutQuery
        let client = HTTPClient(
            request, tls: tls, sessions: sessions, proxy: proxy, timeout: settings.timeLimit, longestBody: nil,
            in: surroundings
        ) { [self] answer in
            done(result(answer, from: url))
        }
        client.start()
        return {
            client.cancel()
            done(.abandoned)
        }
    }
}
