/// The oldest version of TLS that is spoken. The newest that both sides know is taken.
package enum MinimumTLSVersion: String, CaseIterable, Sendable {
    /// RFC 5246.
    case v1_2 = "1.2"
    /// RFC 8446.
    case v1_3 = "1.3"
}
