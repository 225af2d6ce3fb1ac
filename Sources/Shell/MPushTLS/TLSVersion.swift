import COpenSSL

/// A version of TLS, as far as it matters here. Clients start at 1.2; a server may be told to be older, for tests of
/// what a client makes of that.
package enum TLSVersion: String, Comparable, Sendable, CaseIterable {
    /// RFC 4346, retired by RFC 8996. Only a server in a test speaks it.
    case tls11 = "TLS 1.1"
    /// RFC 5246.
    case tls12 = "TLS 1.2"
    /// RFC 8446.
    case tls13 = "TLS 1.3"

    /// OpenSSL's number for the version.
    var number: Int32 {
        switch self {
        case .tls11: TLS1_1_VERSION
        case .tls12: TLS1_2_VERSION
        case .tls13: TLS1_3_VERSION
        }
    }

    package static func < (left: TLSVersion, right: TLSVersion) -> Bool {
        left.number < right.number
    }
}
