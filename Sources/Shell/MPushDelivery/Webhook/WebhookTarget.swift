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
    private let userAgent: String

    init(
        _ settings: WebhookSettings, of route: LoadedRoute, in surroundings: Connector.Environment, userAgent: String
    ) {
        self.settings = settings
        self.route = route.settings.name
        tls = route.tls
        secret = route.secret
        proxy = route.proxy
        self.surroundings = surroundings
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

    func stop() { sessions.removeAll() }

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
        let timer = surroundings.timer
        let client = HTTPClient(
            request, tls: tls, sessions: sessions, proxy: proxy, timeout: settings.timeLimit, longestBody: nil,
            in: surroundings
        ) { result in
            switch result {
            case .success(let answer): done(AttemptResult(answer, from: url, at: timer.wall))
            case .failure(let failure): done(AttemptResult(failure, from: url))
            }
        }
        client.start()
        return {
            client.cancel()
            done(.abandoned)
        }
    }
}
