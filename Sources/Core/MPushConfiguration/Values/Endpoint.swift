/// A place where an MPush server listens.
package struct Endpoint: Hashable, Sendable, CustomStringConvertible {
    /// A host name in lower case, or an IP address; an IPv6 address without brackets.
    package let host: String

    /// How `host` is written.
    package let kind: HostKind

    /// The TCP port, never 0.
    package let port: UInt16

    /// Reads `push.example.com:3443`, `192.0.2.7:3443` or `[2001:db8::7]:3443`.
    package init(parsing text: String) throws(Misspelling) {
        guard !text.contains("://") else {
            throw Misspelling("is not an endpoint: leave out what stands before the host. Write host:port")
        }
        let (hostText, portText) = try Endpoint.parts(of: text)
        guard let kind = HostSyntax.kind(of: hostText) else {
            throw Misspelling("is not an endpoint: \(hostText.quotedForDisplay) \(HostSyntax.problem(with: hostText))")
        }
        guard let port = TCPPort.parse(portText) else {
            throw Misspelling("is not an endpoint: the port must be a number from 1 to 65535")
        }
        self.host = hostText.lowercased()
        self.kind = kind
        self.port = port
    }

    /// As it was read: `host:port`, with brackets around an IPv6 address.
    package var description: String { kind == .ipv6 ? "[\(host)]:\(port)" : "\(host):\(port)" }

    private static func parts(of text: String) throws(Misspelling) -> (host: String, port: String) {
        if HostSyntax.isIPv6(text) {
            throw Misspelling("is not an endpoint: an IPv6 address stands in brackets. Write [\(text)]:3443")
        }
        guard let colon = text.lastIndex(of: ":"), !text.hasSuffix("]") else {
            throw Misspelling("has no port. Write \(text.clippedForDisplay):3443, with the port of your server")
        }
        let (host, port) = (text[..<colon], text[text.index(after: colon)...])
        if host.hasPrefix("["), host.hasSuffix("]") {
            let address = String(host.dropFirst().dropLast())
            guard HostSyntax.isIPv6(address) else {
                throw Misspelling("is not an endpoint: \(address.quotedForDisplay) is no IPv6 address")
            }
            return (address, String(port))
        }
        if host.contains(":") {
            throw Misspelling("is not an endpoint: an IPv6 address stands in brackets. Write [2001:db8::7]:3443")
        }
        return (String(host), String(port))
    }
}
