/// An address for HTTP requests, of an allocator (PROTOCOL.md section 8) or a webhook, in the parts that a client needs.
package struct HTTPURL: Hashable, Sendable, CustomStringConvertible {
    /// How the server is spoken to.
    package enum Scheme: String, Hashable, Sendable {
        /// In the clear: whoever is on the way can read all, and answer in the server's place.
        case http
        /// Over TLS.
        case https
    }

    /// How the server is spoken to.
    package let scheme: Scheme

    /// A host name in lower case, or an IP address; an IPv6 address without brackets.
    package let host: String

    /// How `host` is written.
    package let kind: HostKind

    /// The TCP port; the scheme's own, 80 or 443, where none was written.
    package let port: UInt16

    /// What stands in the request line: path and query, `/` at least.
    package let target: String

    /// Reads an absolute URL (RFC 3986) with scheme `http` or `https`, without user, password or fragment.
    package init(parsing text: String) throws(Misspelling) {
        guard text.utf8.count <= 2048 else { throw Misspelling("is longer than 2048 bytes") }
        guard text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw Misspelling("is not a URL: spaces and letters beyond ASCII are percent-encoded there")
        }
        guard let mark = text.firstRange(of: "://"),
            let scheme = Scheme(rawValue: text[..<mark.lowerBound].lowercased())
        else { throw Misspelling("is not a URL. Write https://host/path or http://host/path") }
        let rest = text[mark.upperBound...]
        let authority = rest.prefix { !"/?#".contains($0) }
        let target = rest[authority.endIndex...]
        if authority.contains("@") { throw Misspelling("names a user: a URL here has none. Write https://host/path") }
        if target.contains("#") {
            throw Misspelling("has a fragment, which is never sent. Leave out the # and all after it")
        }
        self.scheme = scheme
        (host, kind, port) = try HTTPURL.place(authority, defaultPort: scheme == .https ? 443 : 80)
        self.target = target.hasPrefix("/") ? String(target) : "/" + target
    }

    /// The host and the port as the Host field wants them (RFC 9110 section 7.2): the port only where it is not the
    /// scheme's own.
    package var hostField: String { authority(relativeHost) }

    private func authority(_ host: String) -> String {
        let name = kind == .ipv6 ? "[\(host)]" : host
        return port == (scheme == .https ? 443 : 80) ? name : "\(name):\(port)"
    }

    /// Whether requests stay on this machine: a loopback address (RFC 1122 section 3.2.1.3, RFC 4291 section 2.5.3), or
    /// `localhost` (RFC 6761 section 6.3).
    package var isOnThisMachine: Bool {
        switch kind {
        case .ipv4: host.hasPrefix("127.")
        case .ipv6: host == "::1"
        case .name: relativeHost == "localhost" || relativeHost.hasSuffix(".localhost")
        }
    }

    /// Without the final dot, which is for the lookup of the name alone.
    private var relativeHost: String { host.hasSuffix(".") ? String(host.dropLast()) : host }

    /// The address without its query, which may hold a token: for logs.
    package var withoutQuery: String { "\(scheme.rawValue)://\(authority(host))\(target.prefix { $0 != "?" })" }

    package var description: String { "\(scheme.rawValue)://\(authority(host))\(target)" }

    private static func place(
        _ authority: Substring, defaultPort: UInt16
    ) throws(Misspelling) -> (String, HostKind, UInt16) {
        let afterAddress = authority.lastIndex(of: "]").map { authority[$0...] } ?? authority
        let text = afterAddress.contains(":") ? String(authority) : "\(authority):\(defaultPort)"
        do {
            let endpoint = try Endpoint(parsing: text)
            return (endpoint.host, endpoint.kind, endpoint.port)
        } catch {
            throw Misspelling(
                "is not a URL that leads somewhere: \(String(authority).quoted) is not a host or host:port")
        }
    }
}
