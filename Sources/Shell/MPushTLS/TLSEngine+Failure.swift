import COpenSSL
package import MPushCause

extension TLSEngine {
    /// What it means if the transport ends now; nil if it is a peer that simply closed.
    ///
    /// Under TLS 1.3 a server refuses a missing client certificate when our handshake is done already, and its alert may
    /// be lost when the connection is reset: silence after the question is taken for the refusal.
    package var failureAtEnd: TLSFailure? {
        if !isEstablished { return .peerClosed(detail: "in the handshake") }
        guard lacksCertificateAskedFor, !hasReadPlaintext else { return nil }
        return .clientCertificateRefused(
            detail: "the server asked for a client certificate, none is configured, and it closed without a word")
    }

    private var lacksCertificateAskedFor: Bool {
        observer.wasAskedForCertificate && !context.hasIdentity
    }

    func fail() -> TLSError {
        fail(with: OpenSSLError.takeFirst())
    }

    func fail(with error: OpenSSLError?) -> TLSError {
        hasFailed = true
        return TLSError(failure(error))
    }

    private func failure(_ error: OpenSSLError?) -> TLSFailure {
        if let refusal = observer.refusal { return refusal }
        guard let error, !error.isTLS(SSL_R_UNEXPECTED_EOF_WHILE_READING) else {
            return failureAtEnd ?? .peerClosed(detail: "without a word")
        }
        if !isEstablished, let opening = openingThatIsNotTLS {
            return .protocolVersion(detail: "the peer does not speak TLS: it began with \(opening)")
        }
        if error.isAboutVersion { return .protocolVersion(detail: versionDetail(error)) }
        if context.role == .client, let detail = refusalDetail(error) {
            return .clientCertificateRefused(detail: detail)
        }
        if error.isTLS(SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE) {
            return .badCertificate(detail: "the client gave no certificate")
        }
        return .other(detail: error.text)
    }

    private func versionDetail(_ error: OpenSSLError) -> String {
        let side = error.isTLS(SSL_R_TLSV1_ALERT_PROTOCOL_VERSION) ? "the peer refused ours" : "we refused the peer's"
        return "\(side): \(error.text)"
    }

    /// What the server said of our certificate, or of there being none; nil if the error is not about that.
    private func refusalDetail(_ error: OpenSSLError) -> String? {
        guard observer.wasAskedForCertificate else { return nil }
        if error.isAboutCertificate { return context.hasIdentity ? error.text : "none is configured: \(error.text)" }
        guard !context.hasIdentity, error.isTLS(SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE) else { return nil }
        return "none is configured: \(error.text)"
    }

    /// The peer's first bytes, if no record of TLS starts so (RFC 8446 section 5.1). Printable ASCII only.
    private var openingThatIsNotTLS: String? {
        guard let first = bio.opening.first, !(20...24).contains(first) else { return nil }
        let shown = bio.opening.map { (0x20...0x7E).contains($0) ? $0 : UInt8(ascii: ".") }
        return "\"\(String(decoding: shown, as: UTF8.self))\""
    }
}

extension OpenSSLError {
    fileprivate var isAboutVersion: Bool {
        isTLS(
            SSL_R_UNSUPPORTED_PROTOCOL, SSL_R_WRONG_VERSION_NUMBER, SSL_R_WRONG_SSL_VERSION, SSL_R_UNKNOWN_PROTOCOL,
            SSL_R_VERSION_TOO_LOW, SSL_R_VERSION_TOO_HIGH, SSL_R_NO_PROTOCOLS_AVAILABLE, SSL_R_BAD_LEGACY_VERSION,
            SSL_R_HTTP_REQUEST, SSL_R_HTTPS_PROXY_REQUEST, SSL_R_INAPPROPRIATE_FALLBACK,
            SSL_R_TLSV1_ALERT_PROTOCOL_VERSION, SSL_R_TLSV1_ALERT_INAPPROPRIATE_FALLBACK)
    }

    fileprivate var isAboutCertificate: Bool {
        isTLS(
            SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED, SSL_R_SSLV3_ALERT_BAD_CERTIFICATE,
            SSL_R_SSLV3_ALERT_NO_CERTIFICATE, SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE,
            SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED, SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED,
            SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN, SSL_R_TLSV1_ALERT_UNKNOWN_CA, SSL_R_TLSV1_ALERT_ACCESS_DENIED)
    }
}
