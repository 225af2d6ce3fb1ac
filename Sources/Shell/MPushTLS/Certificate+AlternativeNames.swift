import COpenSSL
import Glibc

extension Certificate {
    /// The hosts and addresses that it is good for, as far as they fit in a message.
    var alternativeNames: [String] {
        guard let names = OpaquePointer(X509_get_ext_d2i(raw, NID_subject_alt_name, nil, nil)) else { return [] }
        defer { GENERAL_NAMES_free(names) }
        let count = min(Csk_GENERAL_NAME_num(names), Certificate.mostNamesShown)
        return (0..<max(0, count)).compactMap { index in
            Csk_GENERAL_NAME_value(names, index).flatMap { Certificate.text(of: $0) }
        }
    }

    private static let mostNamesShown: Int32 = 8
    private static let longestNameShown = 100

    private static func text(of name: UnsafeMutablePointer<GENERAL_NAME>) -> String? {
        var type: Int32 = 0
        guard let value = GENERAL_NAME_get0_value(name, &type) else { return nil }
        let bytes = contents(ofString: value.assumingMemoryBound(to: ASN1_STRING.self))
        switch type {
        case GEN_DNS: return printable(bytes)
        case GEN_IPADD: return address(bytes)
        default: return nil
        }
    }

    private static func contents(ofString string: UnsafePointer<ASN1_STRING>) -> [UInt8] {
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
