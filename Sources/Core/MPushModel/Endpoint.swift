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
            throw Misspelling("is not an endpoint, but a URL. Write host:port")
        }
        let (hostText, portText) = try Endpoint.parts(of: text)
        guard let kind = HostSyntax.kind(of: hostText) else {
            throw Misspelling("is not an endpoint: \(hostText.quoted) \(HostSyntax.problem(with: hostText))")
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
            throw Misspelling("is not an endpoint: an IPv6 address needs brackets. Write [\(text)]:3443")
        }
        guard let colon = text.lastIndex(of: ":"), !text.hasSuffix("]") else {
            throw Misspelling(
                "has no port. Write \(text.shown(atMost: String.longestNamed)):3443, with the port of your server")
        }
        let (host, port) = (text[..<colon], text[text.index(after: colon)...])
        if host.hasPrefix("["), host.hasSuffix("]") {
            let address = String(host.dropFirst().dropLast())
            guard HostSyntax.isIPv6(address) else {
                throw Misspelling("is not an endpoint: \(address.quoted) is not an IPv6 address")
            }
            return (address, String(port))
        }
        if host.contains(":") {
            throw Misspelling("is not an endpoint: an IPv6 address needs brackets. Write [2001:db8::7]:3443")
        }
        return (String(host), String(port))
    }
}

/// How a host is written. Only a name is resolved, and only a name goes into the TLS server name (RFC 6066 section 3).
package enum HostKind: Hashable, Sendable {
    /// A name of the domain name system.
    case name
    /// An IPv4 address.
    case ipv4
    /// An IPv6 address.
    case ipv6
}

/// The number of a TCP port, as people write it.
package enum TCPPort {
    /// 1 to 65535 in decimal digits, without sign or leading zero; nil otherwise.
    package static func parse(_ text: some StringProtocol) -> UInt16? {
        guard text.utf8.allSatisfy(\.isDigit), !text.hasPrefix("0") else { return nil }
        return UInt16(text)
    }
}

/// What a host may look like: a name (RFC 1123 section 2.1, with the underscores that DNS allows) or an address.
package enum HostSyntax {
    /// What kind of host `text` is; nil where it is none. An IPv6 address stands without its brackets.
    package static func kind(of text: String) -> HostKind? {
        if isIPv6(text) { return .ipv6 }
        if isIPv4(text) { return .ipv4 }
        return isName(text) ? .name : nil
    }

    /// Dotted decimal in four parts, without leading zeros (inet_pton(3)).
    package static func isIPv4(_ text: some StringProtocol) -> Bool {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts.allSatisfy { isOctet($0) }
    }

    /// RFC 4291 section 2.2, without a zone.
    package static func isIPv6(_ text: String) -> Bool {
        guard let cut = text.firstRange(of: "::") else { return groups(in: text) == 8 }
        let (head, tail) = (text[..<cut.lowerBound], text[cut.upperBound...])
        guard !tail.hasPrefix(":"), !tail.contains("::"), !head.contains(".") else { return false }
        guard let before = head.isEmpty ? 0 : groups(in: head), let after = tail.isEmpty ? 0 : groups(in: tail)
        else { return false }
        return before + after <= 7
    }

    /// How many groups of 16 bits `text` spells; a dotted address at the end counts as two.
    private static func groups(in text: some StringProtocol) -> Int? {
        var parts = text.split(separator: ":", omittingEmptySubsequences: false)
        var count = 0
        if let last = parts.last, last.contains(".") {
            guard isIPv4(last) else { return nil }
            parts.removeLast()
            count = 2
        }
        let areHexadecimal = parts.allSatisfy { part in
            (1...4).contains(part.utf8.count) && part.utf8.allSatisfy(\.isHexadecimalDigit)
        }
        return areHexadecimal ? count + parts.count : nil
    }

    private static func isOctet(_ text: some StringProtocol) -> Bool {
        guard (1...3).contains(text.utf8.count), text.utf8.allSatisfy(\.isDigit) else { return false }
        guard text.utf8.count == 1 || !text.hasPrefix("0") else { return false }
        return UInt8(text) != nil
    }

    /// Why `text` is none, and what to write instead.
    package static func problem(with text: String) -> String {
        let hint =
            text.utf8.allSatisfy { $0 < 0x80 }
            ? "" : ". Write an international name in its ASCII form (punycode, xn--…), as `idn2 NAME` prints it"
        return "is not a host name or an IP address\(hint)"
    }

    /// A final dot makes a name absolute: no search domain is tried for it (RFC 1034 section 3.1, resolv.conf(5)).
    private static func isName(_ given: String) -> Bool {
        let text = given.hasSuffix(".") ? String(given.dropLast()) : given
        let labels = text.split(separator: ".", omittingEmptySubsequences: false)
        guard (1...253).contains(text.utf8.count), labels.allSatisfy({ isLabel($0) }) else { return false }
        // A last label of digits alone would be an address that somebody mistyped.
        return !(labels.last?.utf8.allSatisfy(\.isDigit) ?? true)
    }

    private static func isLabel(_ text: some StringProtocol) -> Bool {
        guard (1...63).contains(text.utf8.count), !text.hasPrefix("-"), !text.hasSuffix("-") else { return false }
        return text.utf8.allSatisfy { $0.isLetterOrDigit || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_") }
    }
}
