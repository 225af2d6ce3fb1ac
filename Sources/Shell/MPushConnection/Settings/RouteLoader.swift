import MPushConfiguration
import MPushModel
import MPushPlatform
import MPushTLS

/// Reads what routes refer to, and puts whatever is wrong with a file to the line that names it. Webhooks with
/// the same TLS settings share a context.
struct RouteLoader {
    let configuration: Configuration
    let files: ReferencedFiles
    let problems: ProblemCollector
    let now: WallTime
    private let proxy: (WebhookSettings) -> LoadedProxy?
    private var contexts: [TLSTrustDigest: TLSContext] = [:]

    init(
        configuration: Configuration, files: ReferencedFiles, problems: ProblemCollector, now: WallTime,
        proxy: @escaping (WebhookSettings) -> LoadedProxy?
    ) {
        self.configuration = configuration
        self.files = files
        self.problems = problems
        self.now = now
        self.proxy = proxy
    }

    /// The routes that can be loaded; what is wrong with the others is among the problems.
    mutating func load() -> [LoadedRoute] {
        var routes: [LoadedRoute] = []
        for settings in configuration.routes {
            do throws(ConfigurationProblem) {
                routes.append(try load(settings))
            } catch {
                problems.report(error)
            }
        }
        return routes
    }

    private mutating func load(_ settings: RouteSettings) throws(ConfigurationProblem) -> LoadedRoute {
        guard case .webhook(let webhook) = settings.target else { return LoadedRoute(settings: settings) }
        let secret = try webhook.secret.map { credential throws(ConfigurationProblem) in
            try files.secret(credential)
        }
        let proxy = proxy(webhook)
        guard webhook.url.scheme == .https else {
            return LoadedRoute(settings: settings, secret: secret, proxy: proxy)
        }
        let authorities = try authorities(of: webhook)
        let context = try context(trusting: authorities, for: webhook)
        return LoadedRoute(settings: settings, tls: context, secret: secret, proxy: proxy)
    }

    private func authorities(of webhook: WebhookSettings) throws(ConfigurationProblem) -> TLSAuthorities {
        guard let file = webhook.authorities else { return .system }
        return .pem(try files.content(of: file, atMost: FileLimit.trust))
    }

    private mutating func context(
        trusting authorities: TLSAuthorities, for webhook: WebhookSettings
    ) throws(ConfigurationProblem) -> TLSContext {
        var settings = TLSClientSettings(policyOf: configuration.tls)
        settings.authorities = authorities
        let trust = TLSTrustDigest(of: settings)
        if let known = contexts[trust] { return known }
        do throws(TLSConfigurationError) {
            let context = try TLSContext(client: settings)
            for warning in context.warnings(at: now) {
                webhook.authorities.map { problems.warnings.append($0.warning("\(warning.text).")) }
            }
            contexts[trust] = context
            return context
        } catch {
            let place = SourceLocation(file: configuration.server.publicKey.location.file, key: "route")
            throw webhook.authorities?.problem("\(error).") ?? ConfigurationProblem(.error, at: place, "\(error).")
        }
    }
}
