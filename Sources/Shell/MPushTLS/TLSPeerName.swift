import COpenSSL
import Glibc

/// The name or address that a server's certificate must be good for.
///
/// The two are checked against different fields of the certificate (RFC 9525 section 6), and an address is never sent
/// as SNI (RFC 6066 section 3).
package enum TLSPeerName: Equatable, Sendable {
    /// A host name without its final dot.
    case host(String)
    /// An IPv4 or IPv6 address as text, without a zone.
    case address(String)

    /// DNS names have at most 253 characters (RFC 1035), and SNI takes at most 255.
    private static let longestName = 253

    /// Tells names from addresses. A name that OpenSSL would take for something else (an empty one means "no check" to
    /// it, one with a leading dot "any host below") is an error, not a check that is quietly weaker.
    package init(_ text: String) throws(TLSConfigurationError) {
        let bare = text.prefix { $0 != "%" }
        if TLSPeerName.isAddress(String(bare)) {
            self = .address(String(bare))
            return
        }
        let name = text.hasSuffix(".") ? String(text.dropLast()) : text
        guard TLSPeerName.isHostName(name) else {
            throw TLSConfigurationError(
                .serverName, .malformed,
                detail: "a host name (letters, digits, hyphens; others in their xn-- form) or an address is needed")
        }
        self = .host(name)
    }

    /// As it was given, without zone and final dot.
    package var text: String {
        switch self {
        case .host(let text), .address(let text): text
        }
    }

    /// The form that names are compared in for the key of a session: case does not matter in DNS.
    var sessionHost: String { text.lowercased() }

    private static func isAddress(_ text: String) -> Bool {
        var address = in6_addr()
        return inet_pton(AF_INET, text, &address) == 1 || inet_pton(AF_INET6, text, &address) == 1
    }

    private static func isHostName(_ name: String) -> Bool {
        guard !name.isEmpty, name.utf8.count <= longestName else { return false }
        let labels = name.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        return labels.allSatisfy { label in !label.isEmpty && label.allSatisfy(isLabelCharacter) }
    }

    private static func isLabelCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
