import MPushConfiguration
package import MPushModel
import MPushTLS
import MPushWire

/// A proxy with all that it needs: what connections to some places lead through.
package struct LoadedProxy {
    package let url: ProxyURL
    let user: ProxyHandshake.User?
    /// For https; nil for others.
    let tls: TLSContext?
    let exceptions: [ProxyException]
    /// Whether the direct way takes its place where it does not help.
    let fallsBack: Bool

    /// Whether connections to `host` lead through it.
    package func leads(to host: String, port: UInt16) -> Bool {
        !exceptions.contains { $0.covers(host, port: port) }
    }
}

extension LoadedProxy: Equatable {
    package static func == (left: LoadedProxy, right: LoadedProxy) -> Bool {
        (left.url, left.user, left.exceptions, left.fallsBack)
            == (right.url, right.user, right.exceptions, right.fallsBack)
            && left.tls?.trustDigest == right.tls?.trustDigest
    }
}

/// The proxies of a configuration.
package struct LoadedProxies: Equatable {
    /// For TLS, and for servers in any case.
    package let secure: LoadedProxy?
    /// For http.
    package let plain: LoadedProxy?

    /// That for an allocator or a webhook.
    func proxy(for url: HTTPURL) -> LoadedProxy? {
        switch url.scheme {
        case .http: plain
        case .https: secure
        }
    }
}

/// Reads what proxies refer to, and puts whatever is wrong with a file to the line that names it.
struct ProxyLoader {
    private let settings: ProxySettings
    private let files: ReferencedFiles
    private let problems: ProblemCollector
    /// For all proxies with https: made where one is needed.
    private let tls: TLSContext?

    init(configuration: Configuration, files: ReferencedFiles, problems: ProblemCollector) {
        settings = configuration.proxy
        self.files = files
        self.problems = problems
        let own = configuration.routes.compactMap { route -> ProxyURL? in
            guard case .webhook(let webhook) = route.target, case .own(let proxy) = webhook.proxy else { return nil }
            return proxy.url
        }
        let urls = [configuration.proxy.secure?.url, configuration.proxy.plain?.url].compactMap(\.self) + own
        tls =
            urls.contains { $0.scheme == .https }
            ? problems.collect { () throws(ConfigurationProblem) in
                try ProxyLoader.context(configuration, files)
            } : nil
    }

    func load() -> LoadedProxies {
        let secure = settings.secure.flatMap(loaded)
        // Most have one for both.
        return LoadedProxies(
            secure: secure, plain: settings.plain == settings.secure ? secure : settings.plain.flatMap(loaded))
    }

    /// What a webhook's requests lead through; nil for nothing.
    func proxy(of webhook: WebhookSettings, among proxies: LoadedProxies) -> LoadedProxy? {
        switch webhook.proxy {
        case .inherited: proxies.proxy(for: webhook.url)
        case .none: nil
        case .own(let proxy): loaded(proxy)
        }
    }

    private func loaded(_ proxy: ProxySettings.Proxy) -> LoadedProxy? {
        problems.collect { () throws(ConfigurationProblem) in
            LoadedProxy(
                url: proxy.url, user: try user(of: proxy), tls: proxy.url.scheme == .https ? tls : nil,
                exceptions: settings.exceptions, fallsBack: settings.fallback == .direct)
        }
    }

    private func user(of proxy: ProxySettings.Proxy) throws(ConfigurationProblem) -> ProxyHandshake.User? {
        guard let name = proxy.user, let credential = proxy.password else { return nil }
        let password = try files.secret(credential)
        guard proxy.url.scheme != .socks5 || password.count <= 255 else {
            let text = "SOCKS 5 has room for a password of 255 bytes, this one has \(password.count)."
            if case .file(let reference) = credential { throw reference.problem(text) }
            throw ConfigurationProblem(.error, at: SourceLocation(file: "", key: "proxy.password"), text)
        }
        return ProxyHandshake.User(name: name, password: password)
    }

    private static func context(
        _ configuration: Configuration, _ files: ReferencedFiles
    ) throws(ConfigurationProblem) -> TLSContext {
        var settings = TLSClientSettings(policyOf: configuration.tls)
        if let file = configuration.proxy.authorities {
            settings.authorities = .pem(try files.content(of: file, atMost: FileLimit.trust))
        }
        do throws(TLSConfigurationError) {
            return try TLSContext(client: settings)
        } catch {
            let place = SourceLocation(file: configuration.server.publicKey.location.file, key: "proxy.ca_file")
            throw configuration.proxy.authorities?.problem("\(error).")
                ?? ConfigurationProblem(.error, at: place, "\(error).")
        }
    }
}
