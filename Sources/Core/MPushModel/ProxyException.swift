/// Where no proxy is used: an element of `no_proxy`, as curl, Go and most others read it.
package struct ProxyException: Hashable, Sendable {
    private enum Kind: Hashable, Sendable {
        case everything
        /// The name and all below it, or (with a dot in front) all below it alone.
        case name(String, isBelowOnly: Bool)
        case network([UInt8], bits: Int)
    }

    private let kind: Kind
    private let port: UInt16?

    /// Reads `example.com`, `.example.com`, `*.example.com`, `192.0.2.7`, `10.0.0.0/8`, `fd00::/8` or `*`; a name or an
    /// address may have a port.
    package init(parsing text: String) throws(Misspelling) {
        if text == "*" {
            (kind, port) = (.everything, nil)
            return
        }
        if let network = ProxyException.network(text.contains("/") ? text : "\(text)/\(text.contains(":") ? 128 : 32)")
        {
            (kind, port) = (network, nil)
            return
        }
        var host = text
        var port: UInt16?
        if let endpoint = try? Endpoint(parsing: text) {
            (host, port) = (endpoint.host, endpoint.port)
        } else if text.hasPrefix("["), text.hasSuffix("]") {
            host = String(text.dropFirst().dropLast())
        } else if let colon = text.lastIndex(of: ":"), let number = TCPPort.parse(text[text.index(after: colon)...]) {
            (host, port) = (String(text[..<colon]), number)
        }
        self.port = port
        if let bytes = IPAddressText.bytes(of: host) {
            kind = .network(bytes, bits: bytes.count * 8)
            return
        }
        let name =
            host.hasPrefix("*.") ? String(host.dropFirst(2)) : host.hasPrefix(".") ? String(host.dropFirst()) : host
        guard HostSyntax.kind(of: name) == .name else {
            throw Misspelling(
                "is not a name, an address or a network. Write example.com, .example.com, 192.0.2.7 or 10.0.0.0/8")
        }
        kind = .name(ProxyException.bare(name), isBelowOnly: name != host)
    }

    /// Whether it covers `host`. A name is not looked up for it.
    package func covers(_ host: String, port: UInt16) -> Bool {
        if let own = self.port, own != port { return false }
        switch kind {
        case .everything: return true
        case .name(let name, let isBelowOnly):
            let host = ProxyException.bare(host)
            return host.hasSuffix("." + name) || (!isBelowOnly && host == name)
        case .network(let bytes, let bits):
            guard let address = IPAddressText.bytes(of: host), address.count == bytes.count else { return false }
            return ProxyException.shareBits(address, bytes, bits)
        }
    }

    private static func bare(_ name: String) -> String {
        (name.hasSuffix(".") ? String(name.dropLast()) : name).lowercased()
    }

    private static func network(_ text: String) -> Kind? {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, let bytes = IPAddressText.bytes(of: String(parts[0])),
            parts[1].utf8.allSatisfy(\.isDigit), let bits = Int(parts[1]), (0...(bytes.count * 8)).contains(bits)
        else { return nil }
        return .network(bytes, bits: bits)
    }

    private static func shareBits(_ one: [UInt8], _ other: [UInt8], _ bits: Int) -> Bool {
        let whole = bits / 8
        guard one.prefix(whole) == other.prefix(whole) else { return false }
        guard bits % 8 > 0, whole < one.count, whole < other.count else { return true }
        return (one[whole] ^ other[whole]) >> (8 - bits % 8) == 0
    }
}

/// An IP address as its bytes, as people write it.
package enum IPAddressText {
    /// 4 bytes or 16, in network order; nil where `text` is no address. An IPv6 address stands without brackets and zone.
    package static func bytes(of text: String) -> [UInt8]? {
        if HostSyntax.isIPv4(text) { return text.split(separator: ".").compactMap { UInt8($0) } }
        guard HostSyntax.isIPv6(text) else { return nil }
        guard let cut = text.firstRange(of: "::") else { return groups(text[...]) }
        let (head, tail) = (groups(text[..<cut.lowerBound]), groups(text[cut.upperBound...]))
        guard head.count + tail.count <= 14 else { return nil }
        return head + [UInt8](repeating: 0, count: 16 - head.count - tail.count) + tail
    }

    /// The groups of 16 bits, and the four bytes of a dotted end.
    private static func groups(_ text: Substring) -> [UInt8] {
        text.split(separator: ":").flatMap { part -> [UInt8] in
            if part.contains(".") { return part.split(separator: ".").compactMap { UInt8($0) } }
            guard let group = UInt16(part, radix: 16) else { return [] }
            return [UInt8(group >> 8), UInt8(group & 0xFF)]
        }
    }
}
