package import MPushModel

/// `[proxy]`: what connections lead through, to servers, allocators and webhooks alike.
package struct ProxySettings: Equatable, Sendable {
    /// A proxy, and who we are there.
    package struct Proxy: Equatable, Sendable {
        package let url: ProxyURL
        /// 1 to 255 bytes without a colon; nil for nobody.
        package let user: String?
        package let password: Credential?
    }

    /// What takes the place of a proxy that does not help.
    package enum Fallback: String, CaseIterable, Sendable {
        /// Nothing: the proxy is tried again.
        case none
        /// The direct way.
        case direct
    }

    /// For TLS, and for the server in any case.
    package let secure: Proxy?
    /// For allocators and webhooks with `http`.
    package let plain: Proxy?
    /// The authorities of a proxy with `https`, in PEM; nil for the system's.
    package let authorities: FileReference?
    /// Where no proxy is used.
    package let exceptions: [ProxyException]
    package let fallback: Fallback
}

/// What a route says of a proxy.
package enum RouteProxy: Equatable, Sendable {
    /// That of `[proxy]`.
    case inherited
    /// None.
    case none
    case own(ProxySettings.Proxy)
}

extension ProxySettings {
    private static let mostExceptions = 256

    init(reading table: TableReader) {
        let url = table.optional("url", takesEffect: .atNextConnection, .proxyURL)
        let login = ProxySettings.Login(reading: table, prefix: "")
        authorities = table.optional("ca_file", takesEffect: .atNextConnection, .file(example: "/etc/mpushd/ca.pem"))
        let listed = table.value(
            "no_proxy", takesEffect: .atNextConnection,
            .list(of: .proxyException, atMost: ProxySettings.mostExceptions),
            default: [])
        fallback = table.value("fallback", takesEffect: .atNextConnection, .choice, default: .none)
        let usesEnvironment = table.value("from_environment", takesEffect: .atNextConnection, .flag, default: false)
        // A url of the file's own goes before them, and takes their exceptions.
        let variables = usesEnvironment ? ProxyVariables(at: table.site(of: "from_environment")) : nil
        exceptions = listed + (variables?.exceptions ?? [])
        let own = url.map { Proxy(url: $0, user: login.user, password: login.password) }
        secure = own ?? variables?.secure?.proxy
        plain = own ?? variables?.plain?.proxy
        if own == nil {
            for found in [variables?.secure, variables?.plain] { found?.show(in: table) }
        }
        variables?.showExceptions(in: table)
        if !usesEnvironment, !table.holds("url") {
            let idle = ["user", "password", "password_file", "ca_file"].filter(table.holds)
            for key in idle {
                table.site(of: key).report(
                    "has no effect without \(table.name(of: "url")). Write it, or leave this out.")
            }
            if idle.isEmpty, !listed.isEmpty || fallback != .none {
                table.site.warn("names no proxy: nothing is sent through one. Write url, or from_environment = true.")
            }
        }
        let isSecured = [secure, plain].contains { $0?.url.scheme == .https }
        if table.holds("ca_file"), table.holds("url"), !isSecured, !usesEnvironment {
            table.site(of: "ca_file").report(
                "has no effect with \(url?.scheme.rawValue ?? "it"). Leave it out, or use https.")
        }
    }

    /// User and password, as two keys.
    fileprivate struct Login {
        let user: String?
        let password: Credential?

        init(reading table: TableReader, prefix: String) {
            let (userKey, passwordKey) = (prefix + "user", prefix + "password")
            user = table.optional(userKey, takesEffect: prefix.isEmpty ? .atNextConnection : .atOnce, .proxyUser)
            password = Credential(
                reading: table, key: passwordKey, example: "$CREDENTIALS_DIRECTORY/proxy",
                takesEffect: prefix.isEmpty ? .atNextConnection : .atOnce)
            for key in [passwordKey, passwordKey + "_file"] where table.holds(key) && !table.holds(userKey) {
                table.site(of: key).report("has no effect without \(table.name(of: userKey)). Write both or neither.")
            }
            if table.holds(userKey), !table.holds(passwordKey), !table.holds(passwordKey + "_file") {
                table.site(of: userKey).report(
                    "has no effect without a password. Write \(passwordKey)_file = \"$CREDENTIALS_DIRECTORY/proxy\" as well."
                )
            }
        }
    }
}

extension RouteProxy {
    init(reading table: TableReader) {
        let choice = table.optional("proxy", takesEffect: .atOnce, .routeProxy)
        let login = ProxySettings.Login(reading: table, prefix: "proxy_")
        switch choice {
        case nil: self = .inherited
        case .some(nil): self = .none
        case .some(let url?):
            self = .own(ProxySettings.Proxy(url: url, user: login.user, password: login.password))
            return
        }
        for key in ["proxy_user", "proxy_password", "proxy_password_file"] where table.holds(key) {
            table.site(of: key).report("has no effect without a proxy of the route's own. Write proxy = \"http://…\".")
        }
    }
}

/// What the environment says, in the variables that curl and others read.
private struct ProxyVariables {
    /// A proxy, and the variable that names it.
    struct Found {
        let proxy: ProxySettings.Proxy
        let variable: String

        /// It is in use.
        func show(in table: TableReader) {
            table.found("url", "\(proxy.url)".asTOML, inVariable: variable)
        }
    }

    let secure: Found?
    let plain: Found?
    let exceptions: [ProxyException]
    /// What `exceptions` were made of, and in which variable it stands.
    private let listed: (texts: [String], variable: String)?

    /// They hold whoever names the proxy.
    func showExceptions(in table: TableReader) {
        guard let (texts, variable) = listed, !texts.isEmpty else { return }
        table.hasNoUse(for: ["no_proxy"])
        table.found("no_proxy", "[\(texts.map(\.asTOML).joined(separator: ", "))]", inVariable: variable)
    }

    init(at site: ReadingSite) {
        let all = ProxyVariables.proxy(["all_proxy", "ALL_PROXY"], site)
        secure = ProxyVariables.proxy(["https_proxy", "HTTPS_PROXY"], site) ?? all
        // HTTP_PROXY is what a client of a CGI program can set by its header Proxy.
        plain = ProxyVariables.proxy(["http_proxy"], site) ?? all
        let found = ProxyVariables.value(["no_proxy", "NO_PROXY"], site)
        let parts = (found?.value ?? "").split { $0 == "," || $0.isWhitespace }.prefix(1024)
        let read = parts.map { String($0) }.compactMap { text -> (text: String, exception: ProxyException)? in
            do throws(Misspelling) {
                return (text, try ProxyException(parsing: text))
            } catch {
                site.warn("the variable no_proxy: \(text.quoted) \(error.message). It is passed over.")
                return nil
            }
        }
        exceptions = read.map { $0.exception }
        listed = found.map { found in (texts: read.map { $0.text }, variable: found.name) }
    }

    private static func value(_ names: [String], _ site: ReadingSite) -> (name: String, value: String)? {
        for name in names {
            if let value = site.context.environment.variable(named: name), !value.isEmpty { return (name, value) }
        }
        return nil
    }

    private static func proxy(_ names: [String], _ site: ReadingSite) -> Found? {
        guard let (name, value) = value(names, site) else { return nil }
        do throws(Misspelling) {
            // curl takes a bare host and port for http.
            let (url, user) = try ProxyURL.parse(value.contains("://") ? value : "http://\(value)")
            if let user, let problem = ValueFormat<String>.problem(withProxyUser: user.name) {
                throw Misspelling("has a user that \(problem)")
            }
            let proxy = ProxySettings.Proxy(
                url: url, user: user?.name, password: user.map { .inline($0.password) })
            return Found(proxy: proxy, variable: name)
        } catch {
            // It may hold a password.
            site.report("the variable \(name) \(error.message).")
            return nil
        }
    }
}

extension ValueFormat<ProxyURL> {
    /// The URL of a proxy. It may hold a password by mistake, so nothing that is said shows it.
    static var proxyURL: ValueFormat<ProxyURL> {
        ValueFormat.spelled("a string", example: "\"http://proxy.example.com:3128\"", isSecret: true) {
            text, _ throws(Misspelling) in
            let (url, user) = try ProxyURL.parse(text)
            guard user == nil else {
                throw Misspelling(
                    "holds a user, which everybody sees who sees the URL. Write it in a key of its own, and the password in a "
                        + "file")
            }
            return url
        }
    }
}

extension ValueFormat<ProxyURL?> {
    /// `none`, or the URL of a proxy.
    static var routeProxy: ValueFormat<ProxyURL?> {
        let url = ValueFormat<ProxyURL>.proxyURL
        return ValueFormat(noun: url.noun, example: url.example) { node, site in
            if case .string("none") = node.value { return .some(nil) }
            return url.read(node, site).map { .some($0) }
        }
    }
}

extension ValueFormat<ProxyException> {
    static var proxyException: ValueFormat<ProxyException> {
        ValueFormat.spelled("a string", example: "\"example.com\"") { text, _ throws(Misspelling) in
            try ProxyException(parsing: text)
        }
    }
}

extension ValueFormat<String> {
    /// Basic (RFC 7617 section 2) ends the user at a colon; SOCKS (RFC 1929) has room for 255 bytes.
    static var proxyUser: ValueFormat<String> {
        ValueFormat.spelled("a string", example: "\"mpushd\"") { text, _ throws(Misspelling) in
            if let problem = problem(withProxyUser: text) { throw Misspelling(problem) }
            return text
        }
    }

    /// What is wrong with it; nil for nothing.
    fileprivate static func problem(withProxyUser text: String) -> String? {
        guard (1...255).contains(text.utf8.count) else { return "has \(text.utf8.count) bytes. It may have 1 to 255" }
        return text.contains(":") || text.isUnprintable ? "has a colon or a control character in it" : nil
    }
}
