import COpenSSL
import Glibc
import MPushModel

/// One X.509 certificate, held by reference. `@unchecked Sendable`: OpenSSL counts its references atomically, and nothing
/// here changes it.
final class Certificate: @unchecked Sendable {
    let raw: OpaquePointer

    /// Takes over the caller's reference.
    init(owning raw: OpaquePointer) {
        self.raw = raw
    }

    /// Reads one certificate in DER; nil where that is none, or more.
    convenience init?(encoded: [UInt8]) {
        let raw = encoded.withUnsafeBufferPointer { bytes -> OpaquePointer? in
            var cursor = bytes.baseAddress
            guard let raw = d2i_X509(nil, &cursor, bytes.count) else { return nil }
            guard cursor == bytes.baseAddress?.advanced(by: bytes.count) else {
                X509_free(raw)
                return nil
            }
            return raw
        }
        guard let raw else { return nil }
        self.init(owning: raw)
    }

    /// Takes a reference of its own.
    convenience init(retaining raw: OpaquePointer) {
        X509_up_ref(raw)
        self.init(owning: raw)
    }

    deinit {
        X509_free(raw)
    }

    /// The holder's distinguished name.
    var subject: String { DistinguishedName(X509_get_subject_name(raw)).text }

    /// The distinguished name of the authority that issued it.
    var issuer: String { DistinguishedName(X509_get_issuer_name(raw)).text }

    /// "CN=push.example.com, issued by Example CA": how messages name a certificate.
    var name: String {
        let issuerName = DistinguishedName(X509_get_issuer_name(raw))
        return "\(subject), issued by \(issuerName.commonName ?? issuerName.text)"
    }

    /// From when on it is good.
    var notBefore: ASN1Time? { X509_get0_notBefore(raw).flatMap { ASN1Time($0) } }

    /// Until when it is good.
    var notAfter: ASN1Time? { X509_get0_notAfter(raw).flatMap { ASN1Time($0) } }

    /// The pin of its public key.
    var pin: PublicKeyPin? {
        guard let key = X509_get_X509_PUBKEY(raw) else { return nil }
        let length = i2d_X509_PUBKEY(key, nil)
        guard length > 0 else { return nil }
        var encoded = [UInt8](repeating: 0, count: Int(length))
        encoded.withUnsafeMutableBufferPointer { buffer in
            var cursor = buffer.baseAddress
            i2d_X509_PUBKEY(key, &cursor)
        }
        return PublicKeyPin(digest: SHA256Digest.of(encoded))
    }

    /// The certificate in DER.
    var encoded: [UInt8] {
        let length = i2d_X509(raw, nil)
        guard length > 0 else { return [] }
        var encoded = [UInt8](repeating: 0, count: Int(length))
        encoded.withUnsafeMutableBufferPointer { buffer in
            var cursor = buffer.baseAddress
            i2d_X509(raw, &cursor)
        }
        return encoded
    }
}

extension Certificate {
    /// The certificate as somebody looks at it who is to decide whether to trust it.
    var shown: ShownCertificate {
        let encoded = encoded
        return ShownCertificate(
            subject: subject, issuer: issuer, notBefore: notBefore?.wallTime, notAfter: notAfter?.wallTime,
            fingerprint: SHA256Digest.of(encoded), pin: pin, encoded: encoded)
    }

    /// The certificate as the info of a connection shows it.
    var summary: TLSConnectionInfo.Peer {
        TLSConnectionInfo.Peer(subject: subject, issuer: issuer, notAfter: notAfter?.wallTime, pin: pin)
    }
}

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

/// The name of a certificate's holder or issuer, for people. All that is not printable ASCII is escaped (RFC 4514): it
/// comes from outside, and ends up on terminals and in logs.
struct DistinguishedName {
    private let raw: OpaquePointer?

    private static let flags =
        UInt(XN_FLAG_DN_REV) | UInt(XN_FLAG_SEP_COMMA_PLUS) | UInt(XN_FLAG_DUMP_UNKNOWN_FIELDS) | stringFlags
    private static let stringFlags =
        UInt(ASN1_STRFLGS_ESC_2253) | UInt(ASN1_STRFLGS_ESC_CTRL) | UInt(ASN1_STRFLGS_ESC_MSB)
        | UInt(ASN1_STRFLGS_UTF8_CONVERT) | UInt(ASN1_STRFLGS_DUMP_UNKNOWN) | UInt(ASN1_STRFLGS_DUMP_DER)
    private static let longestText = 256

    /// `raw` must live as long as this value.
    init(_ raw: OpaquePointer?) {
        self.raw = raw
    }

    /// The whole name, `CN=push.example.com,O=Example`.
    var text: String {
        guard let raw else { return "" }
        return DistinguishedName.printed { X509_NAME_print_ex($0, raw, 0, DistinguishedName.flags) }
    }

    /// The whole name in DER: for comparing.
    var encoded: [UInt8] {
        var bytes: UnsafePointer<UInt8>?
        var length = 0
        guard let raw, X509_NAME_get0_der(raw, &bytes, &length) == 1, let bytes, length > 0 else { return [] }
        return Array(UnsafeBufferPointer(start: bytes, count: length))
    }

    /// Its common name alone.
    var commonName: String? {
        let index = X509_NAME_get_index_by_NID(raw, NID_commonName, -1)
        guard index >= 0, let entry = X509_NAME_get_entry(raw, index), let value = X509_NAME_ENTRY_get_data(entry)
        else { return nil }
        return DistinguishedName.printed { ASN1_STRING_print_ex($0, value, DistinguishedName.stringFlags) }
    }

    private static func printed(_ print: (OpaquePointer) -> Int32) -> String {
        guard let bio = BIO_new(BIO_s_mem()) else { return "" }
        defer { BIO_free(bio) }
        _ = print(bio)
        var text = [UInt8](repeating: 0, count: longestText)
        let length = BIO_read(bio, &text, Int32(longestText))
        return String(decoding: text.prefix(Int(max(0, length))), as: UTF8.self)
    }
}

/// A date out of a certificate or a revocation list.
struct ASN1Time {
    private let parts: tm

    /// Nil if the date cannot be read.
    init?(_ raw: UnsafePointer<ASN1_TIME>) {
        var parts = tm()
        guard ASN1_TIME_to_tm(raw, &parts) == 1 else { return nil }
        self.parts = parts
    }

    /// The same as a time of this machine's clock.
    var wallTime: WallTime {
        var copy = parts
        return WallTime(millisecondsSince1970: Int64(timegm(&copy)).multipliedReportingOverflow(by: 1000).partialValue)
    }

    /// `2026-01-02 10:00 UTC`.
    var text: String {
        let date = "\(parts.tm_year + 1900)-\(twoDigits(parts.tm_mon + 1))-\(twoDigits(parts.tm_mday))"
        return "\(date) \(twoDigits(parts.tm_hour)):\(twoDigits(parts.tm_min)) UTC"
    }

    private func twoDigits(_ number: Int32) -> String {
        number < 10 ? "0\(number)" : "\(number)"
    }
}
