import COpenSSL
import Glibc

extension Certificate {
    /// A name that a server may be known by. The texts are bounded, and nothing but printable ASCII.
    enum AlternativeName: Equatable {
        case host(String)
        case address(String)
    }

    /// The hosts and addresses that it is good for, as far as they fit in a message. Names of other kinds (RFC 5280 section
    /// 4.2.1.6: a mailbox, a directory's name, a user's name in a directory ...) say nothing of a server.
    var alternativeNames: [AlternativeName] {
        guard let names = OpaquePointer(X509_get_ext_d2i(raw, NID_subject_alt_name, nil, nil)) else { return [] }
        defer { GENERAL_NAMES_free(names) }
        let all = (0..<max(0, Csk_GENERAL_NAME_num(names))).lazy
        return Array(
            all.compactMap { Certificate.name(Csk_GENERAL_NAME_value(names, $0)) }
                .prefix(Certificate.mostNamesShown))
    }

    private static let mostNamesShown = 8
    private static let longestNameShown = 100

    /// Nil for whatever is neither a host nor an address.
    private static func name(_ name: UnsafePointer<GENERAL_NAME>?) -> AlternativeName? {
        if let host = CGENERAL_NAME_get0_dns(name) { return .host(printable(contents(of: host))) }
        if let bytes = CGENERAL_NAME_get0_address(name) { return address(contents(of: bytes)).map { .address($0) } }
        return nil
    }

    private static func contents(of string: UnsafePointer<ASN1_STRING>) -> [UInt8] {
        let length = Int(ASN1_STRING_length(string))
        guard length > 0, let start = ASN1_STRING_get0_data(string) else { return [] }
        return Array(UnsafeBufferPointer(start: start, count: length))
    }

    /// Whoever made the certificate chose these bytes; they end up on terminals and in logs.
    private static func printable(_ bytes: [UInt8]) -> String {
        let shown = bytes.prefix(longestNameShown).map { (0x21...0x7E).contains($0) ? $0 : UInt8(ascii: "?") }
        return String(decoding: shown, as: UTF8.self)
    }

    private static func address(_ bytes: [UInt8]) -> String? {
        let families = [4: AF_INET, 16: AF_INET6]
        guard let family = families[bytes.count] else { return nil }
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        guard inet_ntop(family, bytes, &text, socklen_t(text.count)) != nil else { return nil }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
