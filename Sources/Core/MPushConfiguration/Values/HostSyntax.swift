/// What a host may look like: a name (RFC 1123 section 2.1, with the underscores that DNS allows) or an address.
enum HostSyntax {
    /// What kind of host `text` is; nil where it is none. An IPv6 address stands without its brackets.
    static func kind(of text: String) -> HostKind? {
        if isIPv6(text) { return .ipv6 }
        if isIPv4(text) { return .ipv4 }
        return isName(text) ? .name : nil
    }

    /// Dotted decimal in four parts, without leading zeros (inet_pton(3)).
    static func isIPv4(_ text: some StringProtocol) -> Bool {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts.allSatisfy { isOctet($0) }
    }

    /// RFC 4291 section 2.2, without a zone.
    static func isIPv6(_ text: String) -> Bool {
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
    static func problem(with text: String) -> String {
        let hint = text.utf8.allSatisfy { $0 < 0x80 } ? "" : ": write an international name in its ASCII form, xn--..."
        return "is no host name and no IP address\(hint)"
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
