/// A proxy that connections lead through, without who we are there.
package struct ProxyURL: Hashable, Sendable, CustomStringConvertible {
    /// How it is spoken to.
    package enum Scheme: String, CaseIterable, Hashable, Sendable {
        /// CONNECT (RFC 9110 section 9.3.6) in the clear.
        case http
        /// CONNECT over TLS.
        case https
        /// SOCKS 5 (RFC 1928), which looks up names itself.
        case socks5

        /// As in the URL standards and curl.
        var defaultPort: UInt16 {
            switch self {
            case .http: 80
            case .https: 443
            case .socks5: 1080
            }
        }
    }

    /// Who we are there, as a URL writes it.
    package struct User: Hashable, Sendable {
        package let name: String
        package let password: SecretBytes
    }

    package let scheme: Scheme
    package let endpoint: Endpoint

    /// Reads `http://proxy.example.com:3128`, with `https` or `socks5` alike. The user and password in it, which only an
    /// environment variable may have, come apart.
    package static func parse(_ text: String) throws(Misspelling) -> (url: ProxyURL, user: User?) {
        guard let mark = text.firstRange(of: "://"), let scheme = scheme(text[..<mark.lowerBound].lowercased()) else {
            throw Misspelling(
                "is not the URL of a proxy. Write http://host:port, https://host:port or socks5://host:port")
        }
        var rest = text[mark.upperBound...]
        if rest.hasSuffix("/") { rest.removeLast() }
        var user: User?
        if let at = rest.lastIndex(of: "@") {
            user = try parseUser(rest[..<at])
            rest = rest[rest.index(after: at)...]
        }
        guard !rest.contains(where: { "/?#".contains($0) }) else {
            throw Misspelling("has a path, which a proxy has not. Write \(scheme.rawValue)://host:port")
        }
        let afterAddress = rest.lastIndex(of: "]").map { rest[$0...] } ?? rest
        let place = afterAddress.contains(":") ? String(rest) : "\(rest):\(scheme.defaultPort)"
        do throws(Misspelling) {
            return (ProxyURL(scheme: scheme, endpoint: try Endpoint(parsing: place)), user)
        } catch {
            throw Misspelling("does not lead to a proxy: what follows \(scheme.rawValue):// is not a host or host:port")
        }
    }

    package init(scheme: Scheme, endpoint: Endpoint) {
        self.scheme = scheme
        self.endpoint = endpoint
    }

    package var description: String { "\(scheme.rawValue)://\(endpoint)" }

    /// curl's `socks5h` says in so many words what `socks5` does here anyway.
    private static func scheme(_ text: String) -> Scheme? {
        text == "socks5h" ? .socks5 : Scheme(rawValue: text)
    }

    private static func parseUser(_ text: Substring) throws(Misspelling) -> User {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(percentDecoded)
        guard let name = parts.first.flatMap(\.self), let name = String(validating: name, as: UTF8.self),
            let password = parts.count > 1 ? parts[1] : []
        else { throw Misspelling("has a user or password that is not percent-encoded as it must be") }
        return User(name: name, password: SecretBytes(password))
    }

    /// RFC 3986 section 2.1; nil where a percent sign is not followed by two digits.
    private static func percentDecoded(_ text: Substring) -> [UInt8]? {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            let digits = rest.prefix(2)
            guard digits.count == 2, digits.allSatisfy(\.isHexadecimalDigit),
                let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 16)
            else { return nil }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        return bytes
    }
}

/// Why a proxy did not help.
package enum ProxyFailure: Equatable, Sendable {
    /// It could not be connected to: its name, its address.
    case unreachable(detail: String)
    /// TLS with it failed.
    case insecure(TLSFailure)
    /// It does not take us for who we say that we are, or wants to know it (407).
    case authentication(detail: String)
    /// It does not lead there, by its rules.
    case forbidden(detail: String)
    /// It tried, and could not get there, or did not answer in time, or is no proxy.
    case failed(detail: String)
    /// It ends tunnels that carry nothing for so long.
    case idleCut(after: Duration)

    /// A stable word for fields, metrics and scripts.
    package var code: String {
        switch self {
        case .unreachable, .insecure: "proxy-refused"
        case .authentication: "proxy-authentication"
        case .forbidden: "proxy-forbidden"
        case .failed: "proxy"
        case .idleCut: "proxy-idle"
        }
    }
}
