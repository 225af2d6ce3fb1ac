import COpenSSL

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
