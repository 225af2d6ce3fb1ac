/// Where a broker of messages listens, and whether it is spoken to over TLS.
package struct BrokerURL: Hashable, Sendable, CustomStringConvertible {
    package let isEncrypted: Bool

    /// A host name in lower case, or an IP address; an IPv6 address without brackets.
    package let host: String

    private let kind: HostKind

    /// The TCP port; 1883 or, over TLS, 8883 where none was written (the numbers that IANA gave to MQTT).
    package let port: UInt16

    /// Reads `mqtt://host`, `mqtt://host:port`, `mqtts://…`.
    package init(mqtt text: String) throws(Misspelling) {
        let example = "Write mqtts://host or mqtts://host:port; mqtt:// is without TLS"
        guard text.utf8.count <= 2048 else { throw Misspelling("is longer than 2048 bytes") }
        guard let mark = text.firstRange(of: "://") else { throw Misspelling("is not a URL. \(example)") }
        switch text[..<mark.lowerBound].lowercased() {
        case "mqtt": isEncrypted = false
        case "mqtts": isEncrypted = true
        default: throw Misspelling("is not a URL of MQTT. \(example)")
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
        let place = afterAddress.contains(":") ? String(authority) : "\(authority):\(isEncrypted ? 8883 : 1883)"
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

    package var description: String { "\(isEncrypted ? "mqtts" : "mqtt")://\(place)" }
}
