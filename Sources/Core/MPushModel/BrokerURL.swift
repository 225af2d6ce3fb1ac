/// Where a broker of messages listens, and whether it is spoken to over TLS.
package struct BrokerURL: Hashable, Sendable, CustomStringConvertible {
    package let isEncrypted: Bool

    /// A host name in lower case, or an IP address; an IPv6 address without brackets.
    package let host: String

    private let kind: HostKind

    /// The TCP port; the broker's usual one where none was written.
    package let port: UInt16

    package let broker: BrokerKind

    /// Reads `mqtt://host`, `mqtt://host:port`, `mqtts://…`, and the like for other kinds of brokers.
    package init(_ text: String, of broker: BrokerKind) throws(Misspelling) {
        let (plain, secure) = (broker.scheme(isEncrypted: false), broker.scheme(isEncrypted: true))
        let example = "Write \(secure)://host or \(secure)://host:port; \(plain):// is without TLS"
        self.broker = broker
        guard text.utf8.count <= 2048 else { throw Misspelling("is longer than 2048 bytes") }
        guard let mark = text.firstRange(of: "://") else { throw Misspelling("is not a URL. \(example)") }
        switch text[..<mark.lowerBound].lowercased() {
        case plain: isEncrypted = false
        case secure: isEncrypted = true
        default: throw Misspelling("is not a URL of \(broker.name). \(example)")
        }
        var authority = text[mark.upperBound...]
        if authority.hasSuffix("/") { authority.removeLast() }
        guard !authority.contains("@") else {
            throw Misspelling("names a user, where anybody could read the password. Name the user on its own")
        }
        guard !authority.contains(where: { "/?#".contains($0) }) else {
            throw Misspelling("has a path, which a broker does not have. \(example)")
        }
        let afterAddress = authority.lastIndex(of: "]").map { authority[$0...] } ?? authority
        let place =
            afterAddress.contains(":") ? String(authority) : "\(authority):\(broker.port(isEncrypted: isEncrypted))"
        do {
            let endpoint = try Endpoint(parsing: place)
            (host, kind, port) = (endpoint.host, endpoint.kind, endpoint.port)
        } catch {
            throw Misspelling(
                "is not a URL that leads somewhere: \(String(authority).quoted) is not a host or host:port")
        }
    }

    /// `host:port`, with brackets around an IPv6 address.
    package var place: String { kind == .ipv6 ? "[\(host)]:\(port)" : "\(host):\(port)" }

    package var description: String { "\(broker.scheme(isEncrypted: isEncrypted))://\(place)" }
}
